namespace SkTuning.Compare;

/// <summary>The progress of a comparison, reported after every trial and every test.</summary>
public sealed record ComparisonProgress
{
    /// <summary>Gets the number of finished trials, including those from earlier runs.</summary>
    public required int Done { get; init; }

    /// <summary>Gets the number of trials in the plan.</summary>
    public required int Total { get; init; }

    /// <summary>Gets the number of trials of <see cref="Done"/> that were finished before this run.</summary>
    public required int Cached { get; init; }

    /// <summary>Gets the number of failed trials.</summary>
    public required int Failed { get; init; }

    /// <summary>Gets the trial that has just finished; null at the start and after a test.</summary>
    public ComparisonTrial? Trial { get; init; }

    /// <summary>Gets the score of the test that has just finished; null at the start and after a trial.</summary>
    public ComparisonScore? Score { get; init; }

    /// <summary>
    /// Gets why the results folder cannot be written, in the report after the first failure; otherwise null. The comparison continues, and its result is
    /// complete except for the sizes of adapters that were not saved. The next run repeats the trials that are not in the folder.
    /// </summary>
    public string? FolderError { get; init; }

    /// <summary>Gets the time since the start of this run.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Gets the estimated remaining time, based on the trials of this run; null until one has finished.</summary>
    public TimeSpan? Remaining { get; init; }
}
