namespace SkTuning.Compare;

/// <summary>
/// The exception that is thrown when a comparison is canceled. The finished trials are kept in the results folder and in <see cref="SoFar"/>.
/// </summary>
public sealed class ComparisonCanceledException : OperationCanceledException
{
    internal ComparisonCanceledException(ComparisonResult soFar, CancellationToken cancellationToken)
        : base("The comparison was canceled.", cancellationToken)
        => SoFar = soFar;

    /// <summary>Gets the result of the finished trials.</summary>
    public ComparisonResult SoFar { get; }
}
