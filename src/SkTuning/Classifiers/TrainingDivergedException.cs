namespace SkTuning;

/// <summary>Training was stopped: the loss or the gradient became no number, or the loss grew far above where it began. What was good until then is not lost.</summary>
public sealed class TrainingDivergedException : Exception
{
    internal TrainingDivergedException(TunedAdapter soFar, TrainingDivergence divergence) : base(divergence.ToString()) => (SoFar, Divergence) = (soFar, divergence);

    /// <summary>The adapter, of the class that was asked to train, with the parameters of the best epoch, or the last good ones when no epoch was finished; the catcher disposes it.</summary>
    public TunedAdapter SoFar { get; }

    /// <summary>The step and its rows.</summary>
    public TrainingDivergence Divergence { get; }
}
