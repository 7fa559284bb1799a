namespace SkTuning;

/// <summary>Training was cancelled. What was trained until then is not lost.</summary>
public sealed class TrainingCanceledException : OperationCanceledException
{
    internal TrainingCanceledException(TunedAdapter soFar, CancellationToken cancel) : base("Training was cancelled.", cancel) => SoFar = soFar;

    /// <summary>The adapter, of the class that was asked to train, with the parameters of the best epoch, or the last ones when no epoch was finished; the catcher disposes it.</summary>
    public TunedAdapter SoFar { get; }
}
