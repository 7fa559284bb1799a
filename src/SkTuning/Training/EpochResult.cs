using SkTuning.Tasks;

namespace SkTuning;

/// <summary>The result of one epoch.</summary>
/// <param name="Epoch">The number of the epoch, counted from 1; 0 for the head alone, before the adapter was trained.</param>
/// <param name="TrainLoss">The mean loss of the epoch's steps.</param>
/// <param name="DevLoss">The mean loss on the dev rows after the epoch.</param>
/// <param name="DevScore">The metric on the dev rows after the epoch: the accuracy, or the one chosen with <see cref="TrainingOptions.Metric"/>.</param>
/// <param name="IsBest">True if the epoch was better than all before it.</param>
public sealed record EpochResult(int Epoch, double TrainLoss, double DevLoss, double DevScore, bool IsBest)
{
    /// <summary>The metric decides, then the loss. A result that is not finite is never better.</summary>
    internal bool IsBetterThan(EpochResult? other, Metric metric)
    {
        if (!double.IsFinite(DevLoss) || !double.IsFinite(DevScore)) return false;
        if (other is null) return true;
        if (DevScore == other.DevScore) return DevLoss < other.DevLoss;
        return metric.LowerIsBetter ? DevScore < other.DevScore : DevScore > other.DevScore;
    }
}
