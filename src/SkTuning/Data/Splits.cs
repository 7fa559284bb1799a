namespace SkTuning.Data;

/// <summary>Parts of a set of rows, chosen by a seed: the same rows and seed give the same parts on every machine and in every version.</summary>
public static class Splits
{
    /// <summary>
    /// Holds out a fraction of every label's rows. The number held out is the fraction of all rows, rounded, at least 1; the labels share it by largest
    /// remainder. No label loses its last row: one with a single row stays in the training part.
    /// </summary>
    /// <param name="rows">The rows to split.</param>
    /// <param name="fraction">The part to hold out, above 0 and below 1.</param>
    /// <param name="seed">Which rows: another seed, another choice.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or no label has two rows.</exception>
    public static RowSplit Stratified(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        if (!(fraction > 0 && fraction < 1)) throw new SkTuningException(FormattableString.Invariant($"Stratified split: the fraction is {fraction}, expected above 0 and below 1."));
        var groups = ByLabel(rows);
        if (!groups.Any(g => g.Value.Length > 1)) throw new SkTuningException($"Stratified split: none of {groups.Count} labels has 2 rows, expected some to hold out from. Give a held-out file, or more rows.");
        var held = new bool[rows.Count];
        var random = new Shuffler(seed);
        foreach (var (group, count) in groups.Zip(Shares(groups.Select(g => g.Value.Length).ToArray(), fraction)))
        {
            random.Shuffle<int>(group.Value);
            foreach (var index in group.Value.AsSpan(0, count)) held[index] = true;
        }
        var indices = Enumerable.Range(0, rows.Count).Where(i => held[i]).ToArray();
        return new(rows.Where((_, i) => !held[i]).ToList(), indices.Select(i => rows[i]).ToList(), indices);
    }

    /// <summary>Exactly <paramref name="perLabel"/> rows of every label, in the order of <paramref name="rows"/>.</summary>
    /// <param name="rows">The rows to choose from.</param>
    /// <param name="perLabel">How many of each label, at least 1.</param>
    /// <param name="seed">Which rows.</param>
    /// <exception cref="SkTuningException">A label has fewer rows; it is named.</exception>
    public static IReadOnlyList<Row> KShot(IReadOnlyList<Row> rows, int perLabel, ulong seed)
    {
        if (perLabel < 1) throw new SkTuningException($"K-shot sample: {perLabel} rows of each label were asked for, expected at least 1.");
        var random = new Shuffler(seed);
        var chosen = new List<int>();
        foreach (var (label, indices) in ByLabel(rows))
        {
            if (indices.Length < perLabel) throw new SkTuningException($"K-shot sample: the label '{label}' has {indices.Length} rows, expected at least {perLabel}.");
            random.Shuffle<int>(indices);
            chosen.AddRange(indices.AsSpan(0, perLabel));
        }
        chosen.Sort();
        return chosen.Select(i => rows[i]).ToList();
    }

    /// <summary>The row numbers of each label, labels in ordinal order: the order in which random numbers are drawn.</summary>
    private static List<KeyValuePair<string, int[]>> ByLabel(IReadOnlyList<Row> rows)
        => rows.Select((row, i) => (row.Label, i)).GroupBy(r => r.Label, r => r.i, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => KeyValuePair.Create(g.Key, g.ToArray())).ToList();

    /// <summary>How many of each group to hold out: its whole share, then one more for the largest remainders, while it keeps a row.</summary>
    private static int[] Shares(int[] sizes, double fraction)
    {
        var shares = sizes.Select(n => Math.Min((int)(n * fraction), n - 1)).ToArray();
        var wanted = Math.Max(1, (int)Math.Round(sizes.Sum() * fraction, MidpointRounding.AwayFromZero)) - shares.Sum();
        foreach (var group in Enumerable.Range(0, sizes.Length).OrderByDescending(g => sizes[g] * fraction - shares[g]))   // stable: ties by label
            if (wanted > 0 && shares[group] < sizes[group] - 1) { shares[group]++; wanted--; }
        return shares;
    }
}
