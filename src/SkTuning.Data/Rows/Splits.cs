using SkTuning.Data;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>Parts of a set of rows, chosen by a seed: the same rows and seed give the same parts on every machine and in every version.</summary>
public static class Splits
{
    /// <summary>
    /// Holds out a fraction of every label's rows. The number held out is the fraction of all rows, rounded, at least 1; the labels share it by largest
    /// remainder. No label loses its last row: one with a single row stays in the training part. Rows of several labels are shared so that every label comes near its
    /// fraction (Sechidis et al. 2011: the rarest labels choose first), which need not be exact.
    /// </summary>
    /// <param name="rows">The rows to split.</param>
    /// <param name="fraction">The part to hold out, above 0 and below 1.</param>
    /// <param name="seed">Which rows: another seed, another choice.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or no label has two rows.</exception>
    public static RowSplit Stratified(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        Check("Stratified split", fraction);
        if (rows.Any(r => r.Labels.Count != 1)) return Balanced("Stratified split", rows, Alone(rows), fraction, seed);
        var groups = ByLabel(rows);
        if (!groups.Any(g => g.Value.Length > 1)) throw new SkTuningException($"Stratified split: none of {groups.Count} labels has 2 rows, expected some to hold out from. Give a held-out file, or more rows.");
        var held = new bool[rows.Count];
        var random = new Shuffler(seed);
        foreach (var (group, count) in groups.Zip(Shares(groups.Select(g => g.Value.Length).ToArray(), fraction)))
        {
            random.Shuffle<int>(group.Value);
            foreach (var index in group.Value.AsSpan(0, count)) held[index] = true;
        }
        return Parts(rows, i => held[i]);
    }

    /// <summary>Holds out a fraction of the rows whatever their labels: for scores, where hardly two rows share a label.</summary>
    /// <param name="rows">The rows to split, at least 2.</param>
    /// <param name="fraction">The part to hold out, above 0 and below 1; at least 1 row is held out and 1 kept.</param>
    /// <param name="seed">Which rows.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or there are fewer than two rows.</exception>
    public static RowSplit Random(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        Check("Random split", fraction);
        if (rows.Count < 2) throw new SkTuningException($"Random split: {rows.Count} rows, expected at least 2.");
        var order = Shuffled(rows.Count, seed);
        var held = order.Take(Math.Clamp((int)Math.Round(rows.Count * fraction, MidpointRounding.AwayFromZero), 1, rows.Count - 1)).ToHashSet();
        return Parts(rows, held.Contains);
    }

    /// <summary>
    /// Holds out whole groups, about a fraction of the rows and of every label's rows: no group (<see cref="Row.Group"/>: a customer, a document) is on both sides. A row without a group
    /// stands for itself. How near the fraction is met depends on the sizes of the groups; at least one group is held out and one kept.
    /// </summary>
    /// <param name="rows">The rows to split.</param>
    /// <param name="fraction">The part to hold out, above 0 and below 1.</param>
    /// <param name="seed">Which groups.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or there are fewer than two groups.</exception>
    public static RowSplit Grouped(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        Check("Grouped split", fraction);
        return Balanced("Grouped split", rows, ByGroup(rows), fraction, seed);
    }

    /// <summary>Every row held out once, in one of so many parts, each part with its share of every label: cross-validation.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="folds">The number of parts, 2 or more, at most one a row.</param>
    /// <param name="seed">Which rows.</param>
    /// <param name="grouped">Keep the rows of a <see cref="Row.Group"/> in one part; then the parts may differ in size.</param>
    /// <exception cref="SkTuningException">Fewer than two folds, or fewer rows (or groups) than folds.</exception>
    public static IReadOnlyList<RowSplit> Folds(IReadOnlyList<Row> rows, int folds, ulong seed, bool grouped = false)
    {
        var groups = grouped ? ByGroup(rows) : Alone(rows);
        if (folds < 2 || groups.Count < folds) throw new SkTuningException($"Folds: {folds} of {groups.Count} {(grouped ? "groups" : "rows")}, expected 2 or more, and at most one for each.");
        var fold = Balance.Share(rows, groups, Enumerable.Repeat(1.0 / folds, folds).ToArray(), seed);
        return Enumerable.Range(0, folds).Select(f => Parts(rows, i => fold[i] == f)).ToList();
    }

    /// <summary>
    /// Exactly <paramref name="perLabel"/> rows of every label, in the order of <paramref name="rows"/>; where rows have several labels, at least as many, the rarest label choosing first.
    /// </summary>
    /// <param name="rows">The rows to choose from.</param>
    /// <param name="perLabel">How many of each label, at least 1.</param>
    /// <param name="seed">Which rows.</param>
    /// <exception cref="SkTuningException">A label has fewer rows; it is named.</exception>
    public static IReadOnlyList<Row> KShot(IReadOnlyList<Row> rows, int perLabel, ulong seed)
    {
        if (perLabel < 1) throw new SkTuningException($"K-shot sample: {perLabel} rows of each label were asked for, expected at least 1.");
        var random = new Shuffler(seed);
        var chosen = new SortedSet<int>();
        var groups = ByLabel(rows);
        if (rows.Any(r => r.Labels.Count > 1)) groups = groups.OrderBy(g => g.Value.Length).ToList();   // stable: ties by label
        foreach (var (label, indices) in groups)
        {
            if (indices.Length < perLabel) throw new SkTuningException($"K-shot sample: the label '{label}' has {indices.Length} rows, expected at least {perLabel}.");
            random.Shuffle<int>(indices);
            var missing = perLabel - indices.Count(chosen.Contains);
            foreach (var index in indices)
                if (missing > 0 && chosen.Add(index)) missing--;
        }
        return chosen.Select(i => rows[i]).ToList();
    }

    private static RowSplit Balanced(string name, IReadOnlyList<Row> rows, List<int[]> groups, double fraction, ulong seed)
    {
        if (groups.Count < 2) throw new SkTuningException($"{name}: {groups.Count} group{(groups.Count == 1 ? "" : "s")} of rows, expected at least 2. Give a held-out file, or more rows.");
        var part = Balance.Share(rows, groups, [1 - fraction, fraction], seed);
        return Parts(rows, i => part[i] == 1);
    }

    private static RowSplit Parts(IReadOnlyList<Row> rows, Func<int, bool> held)
    {
        var indices = Enumerable.Range(0, rows.Count).Where(held).ToArray();
        return new(rows.Where((_, i) => !held(i)).ToList(), indices.Select(i => rows[i]).ToList(), indices);
    }

    private static void Check(string name, double fraction)
    {
        if (!(fraction > 0 && fraction < 1)) throw new SkTuningException(FormattableString.Invariant($"{name}: the fraction is {fraction}, expected above 0 and below 1."));
    }

    private static int[] Shuffled(int count, ulong seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        new Shuffler(seed).Shuffle<int>(order);
        return order;
    }

    /// <summary>The row numbers of each label, labels in ordinal order: the order in which random numbers are drawn.</summary>
    private static List<KeyValuePair<string, int[]>> ByLabel(IReadOnlyList<Row> rows)
        => rows.SelectMany((row, i) => row.Labels.Select(label => (Label: label, i))).GroupBy(r => r.Label, r => r.i, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => KeyValuePair.Create(g.Key, g.ToArray())).ToList();

    /// <summary>The row numbers of each group, in the order of their first rows.</summary>
    private static List<int[]> ByGroup(IReadOnlyList<Row> rows)
    {
        var named = rows.Select((row, i) => (row.Group, i)).Where(r => r.Group is not null).GroupBy(r => r.Group, r => r.i, StringComparer.Ordinal).Select(g => g.ToArray());
        return named.Concat(rows.Select((row, i) => (row.Group, i)).Where(r => r.Group is null).Select(r => (int[])[r.i])).OrderBy(g => g[0]).ToList();
    }

    private static List<int[]> Alone(IReadOnlyList<Row> rows) => Enumerable.Range(0, rows.Count).Select(i => (int[])[i]).ToList();

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
