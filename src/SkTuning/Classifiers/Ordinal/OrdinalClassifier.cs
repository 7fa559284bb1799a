using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Classifiers.Ordinal;
using SkTuning.Metrics;
using static TorchSharp.torch;

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

    private protected override OrdinalClassifierPrediction Failed(string error)
        => new() { Label = "", Confidence = 0, ExpectedLevel = double.NaN, Scores = new Dictionary<string, double>(), Error = error };

    private protected override IEnumerable<OrdinalClassifierPrediction> Answers(Tensor? scores, IReadOnlyList<(Row Row, EncodedRow Encoded)> rows)
        => rows.Zip(scores is null ? [] : OrdinalTask.Scores(scores), (row, of) => Answer(of, row.Encoded.WasTruncated));

    private OrdinalClassifierPrediction Answer(double[] scores, bool wasTruncated)
    {
        var probabilities = LevelDistribution.AtTemperature(scores, Settings.Temperature);
        if (!probabilities.All(double.IsFinite)) return Failed(Adapter.NotFinite);
        var level = LevelDistribution.Median(probabilities);
        return new()
        {
            Label = Labels[level],
            Confidence = probabilities[level],
            ExpectedLevel = 1 + LevelDistribution.Mean(probabilities),
            Scores = new LabelScores(Labels, probabilities),
            WasTruncated = wasTruncated,
        };
    }

    private protected override OrdinalReport Measure(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        var truth = Labels.IndicesOf(rows, "the rows to evaluate");
        var predicted = PredictReadable(rows, cancellationToken);
        return OrdinalReport.Of(truth, [.. predicted.Select(p => Labels.IndexOf(p.Label))], [.. predicted.Select(p => p.ExpectedLevel)]);
    }
}
