namespace SkTuning.Compare;

/// <summary>
/// The exception that is thrown when a comparison is canceled. The finished trials are kept in the results folder and in <see cref="Result"/>.
/// </summary>
public sealed class ComparisonCanceledException : OperationCanceledException
{
    internal ComparisonCanceledException(ComparisonResult result, CancellationToken cancellationToken)
        : base("The comparison was canceled.", cancellationToken)
        => Result = result;

    /// <summary>Gets the result of the finished trials.</summary>
    public ComparisonResult Result { get; }
}
