using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// Predicts one label for each text or pair of texts. It consists of a frozen model, which it does not own, an adapter and a head. Train one from rows or
/// load one from a folder. Several classifiers may share a model, and several threads may use one classifier.
/// </summary>
public sealed partial class TextClassifier : TextAdapter<TextClassifier, TextClassifierOptions, TextClassifierPrediction, ClassificationReport>
{
    internal TextClassifier(AdapterModel adapter, AdapterDefinition? definition = null, TrainingReport? report = null) : base(adapter, definition, report) { }

    private protected override TextClassifierPrediction Failed(string error)
        => new() { Label = "", Confidence = 0, IsConfident = false, Scores = new Dictionary<string, double>(), Error = error };

    private protected override IEnumerable<TextClassifierPrediction> Answers(Tensor? scores, IReadOnlyList<(Row Row, EncodedRow Encoded)> rows)
    {
        if (scores is null) return [];
        var labels = scores.narrow(1, 0, Labels.Count);
        var all = (labels / Decision.Temperature.Kept()).softmax(-1).data<float>().ToArray();
        var sets = Decision.Sets is { } rule ? SetsOf(rule, scores, rows.Select(r => r.Encoded)) : null;
        var outOfScope = OutOfScope(scores);
        return rows.Select((row, r) =>
        {
            var answer = WithSet(Answer(all.AsSpan(r * Labels.Count, Labels.Count), row.Encoded.WasTruncated), sets?[r]);
            return outOfScope is null ? answer : Rejected(answer, outOfScope[r]);
        });
    }

    private TextClassifierPrediction WithSet(TextClassifierPrediction prediction, int[]? set)
        => set is null || prediction.Error is not null ? prediction
            : prediction with { PossibleLabels = [.. set.Select(c => Labels[c])], MaxChoices = Decision.Sets!.MaxChoices };

    private TextClassifierPrediction Answer(ReadOnlySpan<float> probabilities, bool wasTruncated)
    {
        var best = 0;
        var scores = new double[probabilities.Length];
        for (var c = 0; c < probabilities.Length; c++)
        {
            scores[c] = probabilities[c];
            if (probabilities[c] > probabilities[best]) best = c;
        }
        var confidence = probabilities[best];
        if (!float.IsFinite(confidence)) return Failed(Adapter.NotFinite);                                      // scores near the largest number, divided
        return new()
        {
            Label = Labels[best], Confidence = confidence, Scores = new LabelScores(Labels, scores), IsConfident = confidence >= Decision.ConfidenceThreshold,
            WasTruncated = wasTruncated
        };
    }

    private protected override ClassificationReport Measure(IReadOnlyList<Row> rows, CancellationToken cancellationToken)
    {
        if (Decision.Rejection is { } rule) return Measure(rule, rows, cancellationToken);
        var truth = Labels.IndicesOf(rows, "the rows to evaluate");
        var predictions = PredictReadable(rows, cancellationToken);
        var report = ClassificationReport.Of(Labels, truth, [.. predictions.Select(p => Labels.IndexOf(p.Label))]);
        report.Sets = MeasureSets(truth, predictions);
        return report;
    }
}
