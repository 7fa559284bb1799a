namespace SkTuning.Compare;

/// <summary>
/// The trial of a cell that was selected on the dev rows, or the only trial of a cell without dev rows. There is no other way to create a choice, and
/// <see cref="SealedTest"/> accepts nothing else.
/// </summary>
internal sealed class Choice
{
    private Choice(ComparisonTrial trial) => Trial = trial;

    public ComparisonTrial Trial { get; }

    /// <summary>
    /// Selects the trial with the best dev score; ties are broken by the lowest dev loss, then the lowest learning rate. Null if every trial failed.
    /// </summary>
    /// <param name="cell">The cell.</param>
    /// <param name="trials">All trials of the cell.</param>
    public static Choice? Among(Cell cell, IReadOnlyList<ComparisonTrial> trials)
    {
        if (!trials.Select(t => t.Rate).SequenceEqual(cell.Rates)) throw new InvalidOperationException("A choice requires the trials of all learning rates.");
        if (!cell.HasDev) return trials is [{ Error: null } only] ? new(only) : null;
        var best = trials.Where(t => t.DevScore is not null)
            .OrderByDescending(t => t.DevScore).ThenBy(t => t.DevLoss ?? double.MaxValue).ThenBy(t => t.Rate)
            .FirstOrDefault();
        return best is null ? null : new(best);
    }
}
