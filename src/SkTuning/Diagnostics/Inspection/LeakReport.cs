namespace SkTuning.Diagnostics;

/// <summary>
/// Rows that stand in the data more than once: within a part, and worse, in more than one of train, dev and test. Texts are equal when they differ in case, white space and punctuation
/// at most; empty ones are not compared. It keeps some 100 bytes a row and no text but those found twice, so the parts may be streams larger than memory.
/// </summary>
public sealed class LeakReport
{
    private LeakReport(IReadOnlyList<DuplicateGroup> groups) => Groups = groups;

    /// <summary>Compares the rows of parts such as train, dev and test.</summary>
    /// <param name="parts">Each with its name: a file, or "train".</param>
    /// <exception cref="SkTuningException">Two parts have one name.</exception>
    public static LeakReport Of(params IEnumerable<(string Name, IEnumerable<Row> Rows)> parts)
    {
        var finder = new DuplicateFinder();
        foreach (var (name, rows) in parts)
        {
            finder.Start(name);
            foreach (var row in rows) finder.Add(row);
        }
        return finder.Report();
    }

    internal static LeakReport Of(IReadOnlyList<DuplicateGroup> groups) => new(groups);

    /// <summary>All that stands in the data more than once, in the order of the first rows.</summary>
    public IReadOnlyList<DuplicateGroup> Groups { get; }

    /// <summary>What stands in more than one part.</summary>
    public IReadOnlyList<DuplicateGroup> Leaks => field ??= [.. Groups.Where(g => g.IsLeak)];

    /// <summary>What stands in one part more than once.</summary>
    public IReadOnlyList<DuplicateGroup> Repeated => field ??= [.. Groups.Where(g => g.IsRepeated)];

    /// <summary>What has different labels in different rows.</summary>
    public IReadOnlyList<DuplicateGroup> Conflicts => field ??= [.. Groups.Where(g => g.IsConflicting)];

    /// <summary>How many rows of a part stand in another part too: divide by its rows for how much of a test is no test.</summary>
    public int LeakedRows(string part) => Leaks.Sum(g => g.Places.Count(p => p.Part == part));

    /// <summary>How many rows of a part are there a second time in that part.</summary>
    public int RepeatedRows(string part) => Groups.Sum(g => Math.Max(0, g.Places.Count(p => p.Part == part) - 1));
}
