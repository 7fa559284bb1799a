using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.Ordinal;

/// <summary>
/// One level for each row: the cross-entropy of the levels' probabilities. The answer is the median level, which has the lowest expected distance from the true
/// one.
/// </summary>
/// <param name="labels">The levels, lowest first.</param>
/// <param name="labelSmoothing">The fraction of each target that all levels share.</param>
/// <param name="classWeights">The weight of each level in the loss, [C]; null if all are equal.</param>
internal sealed class OrdinalObjective(LabelSet labels, double labelSmoothing = 0, double[]? classWeights = null)
    : OneLabelObjective(labels.Count, labelSmoothing, classWeights)
{
    public override string Task => OrdinalTask.TaskName;

    public override IReadOnlyList<Metric> Metrics { get; } =
        [new("mae", LowerIsBetter: true), new("quadratic-kappa"), new("spearman"), new("off-by-one"), new("accuracy"), Metric.Loss];

    public override bool AnswersHighest => false;

    public override Objective Weighted(double[] weights) => new OrdinalObjective(labels, LabelSmoothing, weights);

    public override void CheckMetric(string metric, IReadOnlyList<EncodedRow> dev)
    {
        if (metric == "spearman" && dev.All(r => r.Classes[0] == dev[0].Classes[0]))
            throw new SkTuningException($"The metric {metric} is not defined for the dev rows, which all have the level '{labels[dev[0].Classes[0]]}': "
                + "use dev rows of several levels, or another metric.");
    }

    public override double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        // A correlation or an agreement that is not defined, because all rows get the same answer, is none.
        var report = Report(outputs, rows);
        return metric switch
        {
            "quadratic-kappa" => OrNone(report.QuadraticKappa),
            "spearman" => OrNone(report.Spearman),
            "off-by-one" => report.OffByOneAccuracy,
            "accuracy" => report.Accuracy,
            _ => report.MeanAbsoluteError,
        };

        static double OrNone(double value) => double.IsNaN(value) ? 0 : value;
    }

    /// <summary>Measures scores of rows, [N,C] on the CPU.</summary>
    public static OrdinalReport Report(Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        var probabilities = Probabilities(outputs);
        return OrdinalReport.Of([.. rows.Select(r => r.Classes[0])], [.. probabilities.Select(p => LevelDistribution.Median(p))],
            [.. probabilities.Select(p => LevelDistribution.Mean(p))]);
    }

    public override Action<Utf8JsonWriter, EncodedRow, int> PredictionWriter(LabelSet labels, Tensor outputs)
    {
        var probabilities = Probabilities(outputs);
        return (json, row, answer) =>
        {
            var scores = probabilities[answer];
            var level = LevelDistribution.Median(scores);
            json.WriteString("label", labels[row.Classes[0]]);
            json.WriteString("predicted", labels[level]);
            json.WriteNumber("confidence", scores[level]);
            json.WriteNumber("expectedLevel", 1 + LevelDistribution.Mean(scores));
            WriteScores(json, labels, scores);
        };
    }
}
