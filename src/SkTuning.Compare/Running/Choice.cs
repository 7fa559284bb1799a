namespace SkTuning.Compare;

/// <summary>The trial that dev chose among all of a cell. It can be had in no other way, and <see cref="SealedTest"/> opens for nothing else.</summary>
internal sealed class Choice
{
    private Choice(ComparisonTrial trial) => Trial = trial;

    public ComparisonTrial Trial { get; }

    /// <summary>The best dev score; of equal ones the lowest dev loss, then the lowest rate. Null when every trial failed.</summary>
    /// <param name="cell">The cell.</param>
    /// <param name="trials">All of its trials.</param>
    public static Choice? Among(Cell cell, IReadOnlyList<ComparisonTrial> trials)
    {
        if (!trials.Select(t => t.Rate).SequenceEqual(cell.Rates)) throw new InvalidOperationException("A choice is made when every rate was tried.");
        var best = trials.Where(t => t.DevScore is not null).OrderByDescending(t => t.DevScore).ThenBy(t => t.DevLoss ?? double.MaxValue).ThenBy(t => t.Rate).FirstOrDefault();
        return best is null ? null : new(best);
    }
}
