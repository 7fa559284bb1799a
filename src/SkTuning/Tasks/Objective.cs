using SkTuning.Batches;
using static TorchSharp.torch;

namespace SkTuning.Tasks;

/// <summary>What a task learns: its targets, its loss, and what tells how good it is. M stands for answers: one a row, or one for each chosen token.</summary>
internal abstract class Objective
{
    /// <summary>The task's name in an adapter's file.</summary>
    public abstract string Task { get; }

    /// <summary>The metrics that the best epoch can be chosen by; the first is the default.</summary>
    public abstract IReadOnlyList<string> Metrics { get; }

    /// <summary>What the rows should come to, [M] or [M,C].</summary>
    public abstract Tensor Targets(IReadOnlyList<EncodedRow> rows, Device device);

    /// <summary>The mean loss of scores [M,C].</summary>
    public abstract Tensor Loss(Tensor outputs, Tensor targets);

    /// <summary>The same without what only training wants (smoothing, weights).</summary>
    public virtual Tensor PlainLoss(Tensor outputs, Tensor targets) => Loss(outputs, targets);

    /// <summary>
    /// The mean loss of pairs of a row and a label, each of which fits or not (binary cross-entropy): first every row with its own label, then every row with another. A row's pairs count as much as the row does.
    /// </summary>
    /// <param name="scores">[2B].</param>
    /// <param name="fits">1 for the first half, 0 for the second, [2B].</param>
    /// <param name="targets">The rows' own labels, [B].</param>
    public virtual Tensor PairLoss(Tensor scores, Tensor fits, Tensor targets) => throw new SkTuningException($"The task {Task} has no pairs of a row and a label.");

    /// <summary>What rows count in the mean of <see cref="Loss"/>: their answers, or the weights of these.</summary>
    public virtual double Weight(IReadOnlyList<EncodedRow> rows) => rows.Sum(r => r.Answers);

    /// <summary>The same task with a weight for each class.</summary>
    /// <exception cref="SkTuningException">The task has no classes of which each answer has one.</exception>
    public virtual Objective Weighted(double[] classWeights) => throw new SkTuningException($"TrainingOptions.ClassWeights and BalanceClasses are for tasks whose answers are single labels, found the task {Task}.");

    /// <summary>One of <see cref="Metrics"/> (but the loss) over all rows, from scores [M,C] on the CPU.</summary>
    public abstract double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows);

    /// <summary>The loss as a metric.</summary>
    public const string LossMetric = "loss";

    /// <summary>True for metrics of which less is better.</summary>
    public static bool LessIsBetter(string metric) => metric is LossMetric or "mse" or "mae" or "hamming-loss";

    /// <summary>The metric that was asked for, or the default.</summary>
    /// <exception cref="SkTuningException">The task has no such metric.</exception>
    public string Metric(string? asked)
        => asked is null ? Metrics[0] : Metrics.Contains(asked) ? asked : throw new SkTuningException($"TrainingOptions.Metric is '{asked}', expected one of {string.Join(", ", Metrics)} for the task {Task}.");
}
