using SkTuning.Tasks;

namespace SkTuning;

/// <summary>Where a training run stands: told after every step, with dev figures behind each epoch.</summary>
public sealed record TrainingProgress
{
    /// <summary>The epoch, from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>The most epochs there will be.</summary>
    public required int Epochs { get; init; }

    /// <summary>Steps taken.</summary>
    public required int Step { get; init; }

    /// <summary>The most steps there will be.</summary>
    public required int Steps { get; init; }

    /// <summary>The step's loss.</summary>
    public required double Loss { get; init; }

    /// <summary>The step's learning rate.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Tokens a second since the start, text alone.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Time since the start.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time that the remaining steps will take if none is saved by an early stop.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>The norm of the step's gradient before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Bytes that the process has in memory, pages of mapped files included.</summary>
    public long Memory { get; init; }

    /// <summary>A checkpoint was written behind this step.</summary>
    public bool CheckpointWritten { get; init; }

    /// <summary>Behind an epoch: how it did on the dev split.</summary>
    public EpochResult? Evaluated { get; init; }
}

/// <summary>One epoch.</summary>
/// <param name="Epoch">From 1; 0: the head alone, before the adapter.</param>
/// <param name="TrainLoss">The mean loss of its steps.</param>
/// <param name="DevLoss">The mean loss on the dev split behind it.</param>
/// <param name="DevScore">The metric on the dev split behind it: the accuracy, or what <see cref="TrainingOptions.Metric"/> asks for.</param>
/// <param name="IsBest">True when it was the best until then.</param>
public sealed record EpochResult(int Epoch, double TrainLoss, double DevLoss, double DevScore, bool IsBest)
{
    /// <summary>The metric decides, then the loss; what is not a number is never better.</summary>
    internal bool IsBetterThan(EpochResult? other, Metric metric)
    {
        if (double.IsNaN(DevLoss) || double.IsNaN(DevScore)) return false;
        if (other is null) return true;
        if (DevScore == other.DevScore) return DevLoss < other.DevLoss;
        return metric.LowerIsBetter ? DevScore < other.DevScore : DevScore > other.DevScore;
    }
}
