namespace SkTuning;

/// <summary>The progress of a training run, reported after every step; after an epoch it includes the results on the dev rows.</summary>
public sealed record TrainingProgress
{
    /// <summary>Gets the number of the epoch, counted from 1.</summary>
    public required int Epoch { get; init; }

    /// <summary>Gets the maximum number of epochs.</summary>
    public required int Epochs { get; init; }

    /// <summary>Gets the number of steps taken.</summary>
    public required int Step { get; init; }

    /// <summary>Gets the maximum number of steps.</summary>
    public required int Steps { get; init; }

    /// <summary>Gets the loss of the step.</summary>
    public required double Loss { get; init; }

    /// <summary>Gets the learning rate of the step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Gets the number of text tokens per second since the start, without padding and prompt.</summary>
    public required double TokensPerSecond { get; init; }

    /// <summary>Gets the time since the start.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Gets the estimated time of the remaining steps, if training does not stop early.</summary>
    public required TimeSpan Remaining { get; init; }

    /// <summary>Gets the part of the cross-validation that is being trained for, counted from 1; 0 during the training itself, which comes first.</summary>
    public int Fold { get; init; }

    /// <summary>Gets the number of parts of the cross-validation; 0 during the training itself.</summary>
    public int Folds { get; init; }

    /// <summary>Gets the norm of the step's gradient before clipping.</summary>
    public double GradientNorm { get; init; }

    /// <summary>Gets the memory of the process in bytes, pages of mapped files included.</summary>
    public long Memory { get; init; }

    /// <summary>Gets a value that indicates whether a checkpoint was written after this step.</summary>
    public bool CheckpointWritten { get; init; }

    /// <summary>
    /// Gets the reason why the run folder could not be written, in the first report after it could not; <see langword="null"/> in all others. Training
    /// continues and tries again.
    /// </summary>
    public string? RunFolderError { get; init; }

    /// <summary>Gets the result on the dev rows after the last step of an epoch; <see langword="null"/> after other steps.</summary>
    public EpochResult? CompletedEpoch { get; init; }
}
