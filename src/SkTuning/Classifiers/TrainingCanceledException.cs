namespace SkTuning;

/// <summary>The exception that is thrown when a training run is canceled. Its <see cref="Result"/> has the best parameters so far.</summary>
public abstract class TrainingCanceledException : OperationCanceledException
{
    private protected TrainingCanceledException(TunedAdapter result, CancellationToken cancellationToken) : base("Training was canceled.", cancellationToken)
        => Result = result;

    /// <summary>
    /// Gets the adapter with the parameters of the best epoch, or the last parameters if no epoch was completed. Whoever catches the exception disposes it.
    /// </summary>
    public TunedAdapter Result { get; }
}

/// <summary>The exception that is thrown when the training run of a class of adapters is canceled.</summary>
/// <typeparam name="TAdapter">The class, such as <see cref="TextClassifier"/>.</typeparam>
public sealed class TrainingCanceledException<TAdapter> : TrainingCanceledException where TAdapter : TunedAdapter
{
    internal TrainingCanceledException(TAdapter result, CancellationToken cancellationToken) : base(result, cancellationToken) => Result = result;

    /// <inheritdoc cref="TrainingCanceledException.Result"/>
    public new TAdapter Result { get; }
}
