using SkTuning.Adapters;
using SkTuning.Answers;
using SkTuning.Classifiers.Ordinal;

namespace SkTuning;

/// <summary>
/// Predicts one of several ordered levels for each text or pair of texts, such as a rating or a severity. <see cref="TunedAdapter.Labels"/> has the levels,
/// lowest first. Several classifiers may share a model, and several threads may use one classifier.
/// </summary>
public sealed class OrdinalClassifier : TextAdapter<OrdinalClassifier, OrdinalClassifierOptions, OrdinalClassifierPrediction, OrdinalReport>
{
    internal OrdinalClassifier(AdapterModel adapter, AdapterDefinition? definition = null, TrainingReport? report = null)
        : base(adapter, definition, report) { }

    /// <summary>Gets what the order of the levels comes from.</summary>
    public LevelOrder Order => Settings.Order;

    private OrdinalSettings Settings => (OrdinalSettings)Definition.Task;

    private protected override TaskAnswers<Row, OrdinalClassifierPrediction> Answers
        => new OrdinalAnswers(Labels, Settings.Temperature, ReadsPairs) { NotFinite = Adapter.NotFinite };

    private protected override OrdinalReport Measure(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        var truth = Labels.IndicesOf(rows, "the rows to evaluate");
        var predicted = PredictReadable(rows, cancellationToken);
        return OrdinalReport.Of(truth, [.. predicted.Select(p => Labels.IndexOf(p.Label))], [.. predicted.Select(p => p.ExpectedLevel)]);
    }
}
