namespace SkTuning.Compare;

/// <summary>A comparison was cancelled. What was finished until then is not lost: the results folder has it, and this too.</summary>
public sealed class ComparisonCanceledException : OperationCanceledException
{
    internal ComparisonCanceledException(ComparisonResult soFar, CancellationToken cancel) : base("The comparison was cancelled.", cancel) => SoFar = soFar;

    /// <summary>What is known of the finished trials.</summary>
    public ComparisonResult SoFar { get; }
}
