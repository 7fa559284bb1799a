namespace SkTuning;

/// <summary>
/// The exception that is thrown when a training run is stopped because it diverged: the loss or a gradient became NaN or infinite, or the loss rose far above
/// its start. Its <see cref="Result"/> has the best parameters before that.
/// </summary>
public abstract class TrainingDivergedException : SkTuningException
{
    private protected TrainingDivergedException(TunedAdapter result, TrainingDivergence divergence) : base(divergence.ToString())
        => (Result, Divergence) = (result, divergence);

    /// <summary>
    /// Gets the adapter with the parameters of the best epoch, or the last good parameters if no epoch was completed. Whoever
    /// catches the exception disposes it.
    /// </summary>
    public TunedAdapter Result { get; }

    /// <summary>Gets the step at which the training diverged, and its rows.</summary>
    public TrainingDivergence Divergence { get; }
}

/// <summary>The exception that is thrown when the training run of a class of adapters diverges.</summary>
/// <typeparam name="TAdapter">The class, such as <see cref="TextClassifier"/>.</typeparam>
public sealed class TrainingDivergedException<TAdapter> : TrainingDivergedException where TAdapter : TunedAdapter
{
    internal TrainingDivergedException(TAdapter result, TrainingDivergence divergence) : base(result, divergence) => Result = result;

    /// <inheritdoc cref="TrainingDivergedException.Result"/>
    public new TAdapter Result { get; }
}
