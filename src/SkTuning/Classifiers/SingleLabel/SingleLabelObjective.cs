using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>One label for each row: cross-entropy.</summary>
/// <param name="labels">The labels.</param>
/// <param name="labelSmoothing">The fraction of each target that all labels share.</param>
/// <param name="classWeights">The weight of each label in the loss, [C]; null if all are equal.</param>
internal sealed class SingleLabelObjective(LabelSet labels, double labelSmoothing = 0, double[]? classWeights = null)
    : OneLabelObjective(labels.Count, labelSmoothing, classWeights)
{
    public override string Task => SingleLabelTask.TaskName;

    public override IReadOnlyList<Metric> Metrics { get; } = [new("accuracy"), new("macro-f1"), new("weighted-f1"), new("mcc"), new("kappa"), Metric.Loss];

    public override Objective Weighted(double[] weights) => new SingleLabelObjective(labels, LabelSmoothing, weights);

    public override double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        int[] truth = [.. rows.SelectMany(r => r.Classes)], predicted = Best(outputs);
        if (metric == "accuracy") return ClassificationMetrics.Accuracy(truth, predicted);
        var report = ClassificationReport.Of(labels, truth, predicted);
        return metric switch
        {
            "macro-f1" => report.Macro.F1,
            "weighted-f1" => report.Weighted.F1,
            "mcc" => report.MatthewsCorrelation,
            // One label alone, always predicted, is no agreement beyond chance.
            _ => double.IsNaN(report.CohenKappa) ? 0 : report.CohenKappa,
        };
    }

    public override Action<Utf8JsonWriter, EncodedRow, int> PredictionWriter(LabelSet labels, Tensor outputs)
    {
        var probabilities = Probabilities(outputs);
        return (json, row, answer) =>
        {
            var scores = probabilities[answer];
            var best = Array.IndexOf(scores, scores.Max());
            json.WriteString("label", labels[row.Classes[0]]);
            json.WriteString("predicted", labels[best]);
            json.WriteNumber("confidence", scores[best]);
            WriteScores(json, labels, scores);
        };
    }
}
