namespace SkTuning.Compare;

/// <summary>Where a comparison stands: told behind every trial and every test.</summary>
public sealed record ComparisonProgress
{
    /// <summary>Trials that have a result, those from earlier runs included.</summary>
    public required int Done { get; init; }

    /// <summary>Trials that the plan asks for.</summary>
    public required int Total { get; init; }

    /// <summary>How many of <see cref="Done"/> were there before this run.</summary>
    public required int Cached { get; init; }

    /// <summary>How many failed.</summary>
    public required int Failed { get; init; }

    /// <summary>The trial that was just finished; null at the start and behind a test.</summary>
    public ComparisonTrial? Trial { get; init; }

    /// <summary>The choice that was just tested; null behind a trial.</summary>
    public ComparisonScore? Score { get; init; }

    /// <summary>Time since the start of this run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>The time that the remaining trials will take, by those of this run; null while there are none.</summary>
    public TimeSpan? Remaining { get; init; }
}
