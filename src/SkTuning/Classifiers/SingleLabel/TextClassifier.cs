using SkTuning.Adapters;
using SkTuning.Answers;

namespace SkTuning;

/// <summary>
/// Predicts one label for each text or pair of texts. It consists of a frozen model, which it does not own, an adapter and a head. Train one from rows or
/// load one from a folder. Several classifiers may share a model, and several threads may use one classifier.
/// </summary>
public sealed partial class TextClassifier : TextAdapter<TextClassifier, TextClassifierOptions, TextClassifierPrediction, ClassificationReport>,
    ITextClassifier
{
    internal TextClassifier(AdapterModel adapter, AdapterDefinition? definition = null, TrainingReport? report = null) : base(adapter, definition, report) { }

    private protected override TaskAnswers<Row, TextClassifierPrediction> Answers
        => new SingleLabelAnswers(Labels, Decision, Definition.Seed, ReadsPairs) { NotFinite = Adapter.NotFinite };

    private protected override ClassificationReport Measure(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
        => RowEvaluation.SingleLabel(Labels, Decision, rows, all => PredictReadable(all, cancellationToken));
}
