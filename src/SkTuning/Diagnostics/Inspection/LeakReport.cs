namespace SkTuning.Diagnostics;

/// <summary>
/// Rows that occur in the data more than once: within a part or, worse, in more than one of train, dev, and test. Texts are equal if they differ at most in
/// case, white space, and punctuation; empty texts are not compared. About 100 bytes per row are kept, and only the texts that occur more than once, so the
/// parts can be larger than memory.
/// </summary>
public sealed class LeakReport
{
    private LeakReport(IReadOnlyList<DuplicateGroup> groups) => Groups = groups;

    /// <summary>Compares the rows of parts such as train, dev and test.</summary>
    /// <param name="parts">The parts with their names, such as a file or "train".</param>
    /// <exception cref="SkTuningException">Two parts have the same name.</exception>
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

    /// <summary>Gets all groups of rows with the same text, in the order of their first rows.</summary>
    public IReadOnlyList<DuplicateGroup> Groups { get; }

    /// <summary>Gets the groups with rows in more than one part.</summary>
    public IReadOnlyList<DuplicateGroup> Leaks => field ??= [.. Groups.Where(g => g.IsLeak)];

    /// <summary>Gets the groups with more than one row in the same part.</summary>
    public IReadOnlyList<DuplicateGroup> Repeated => field ??= [.. Groups.Where(g => g.IsRepeated)];

    /// <summary>Gets the groups whose rows have different labels.</summary>
    public IReadOnlyList<DuplicateGroup> Conflicts => field ??= [.. Groups.Where(g => g.IsConflicting)];

    /// <summary>
    /// Returns the number of rows of a part that also occur in another part. Divided by all rows of a test, this is the fraction that tests nothing.
    /// </summary>
    public int LeakedRows(string part) => Leaks.Sum(g => g.Places.Count(p => p.Part == part));

    /// <summary>Returns the number of rows of a part that repeat an earlier row of the same part.</summary>
    public int RepeatedRows(string part) => Groups.Sum(g => Math.Max(0, g.Places.Count(p => p.Part == part) - 1));
}
