using SkTuning.Data;

namespace SkTuning;

/// <summary>Divides rows into parts by a seed: the same rows and seed give the same parts on every machine and in every version.</summary>
public static class Splits
{
    /// <summary>
    /// Holds out a fraction of every label's rows. The number of held-out rows is the fraction of all rows, rounded, and at least 1; the labels share it by
    /// largest remainder. No label loses its last training row. Rows with several labels are divided so that every label comes close to its fraction (Sechidis
    /// et al. 2011: the rarest labels choose first), not necessarily exactly.
    /// </summary>
    /// <param name="rows">The rows to split.</param>
    /// <param name="fraction">The fraction to hold out, from 0 to 1 (both exclusive).</param>
    /// <param name="seed">The seed that selects the rows.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or no label has two rows.</exception>
    public static RowSplit Stratified(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        Check("Stratified split", fraction);
        if (rows.Any(r => r.Labels.Count != 1)) return Balanced("Stratified split", rows, Alone(rows), fraction, seed);
        var groups = ByLabel(rows);
        if (!groups.Any(g => g.Value.Length > 1))
            throw new SkTuningException(
                $"Stratified split: none of {groups.Count} labels has 2 rows, expected at least one that does. Provide a held-out file, or more rows.");
        var held = new bool[rows.Count];
        var random = new Shuffler(seed);
        foreach (var (group, count) in groups.Zip(Shares(groups.Select(g => g.Value.Length).ToArray(), fraction)))
        {
            random.Shuffle<int>(group.Value);
            foreach (var index in group.Value.AsSpan(0, count)) held[index] = true;
        }
        return Parts(rows, i => held[i]);
    }

    /// <summary>Holds out a fraction of the rows regardless of their labels: for regression, where few rows share a label.</summary>
    /// <param name="rows">The rows to split, at least 2.</param>
    /// <param name="fraction">The fraction to hold out, from 0 to 1 (both exclusive). Both parts get at least 1 row.</param>
    /// <param name="seed">The seed that selects the rows.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or there are fewer than two rows.</exception>
    public static RowSplit Random(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        Check("Random split", fraction);
        if (rows.Count < 2) throw new SkTuningException($"Random split: {rows.Count} rows, expected at least 2.");
        var order = Shuffled(rows.Count, seed);
        var count = Math.Clamp((int)Math.Round(rows.Count * fraction, MidpointRounding.AwayFromZero), 1, rows.Count - 1);
        var held = order.Take(count).ToHashSet();
        return Parts(rows, held.Contains);
    }

    /// <summary>
    /// Holds out whole groups, about a fraction of the rows and of every label's rows: no group (<see cref="Row.Group"/>: a customer, a document) is on both
    /// sides. A row without a group is a group by itself. The sizes of the groups determine how closely the fraction is met. Both parts get at least one group.
    /// </summary>
    /// <param name="rows">The rows to split.</param>
    /// <param name="fraction">The fraction to hold out, from 0 to 1 (both exclusive).</param>
    /// <param name="seed">The seed that selects the groups.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or there are fewer than two groups.</exception>
    public static RowSplit Grouped(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        Check("Grouped split", fraction);
        return Balanced("Grouped split", rows, ByGroup(rows), fraction, seed);
    }

    /// <summary>Divides rows into folds for cross-validation: every row is held out once, and every fold has its share of every label.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="folds">The number of folds, at least 2 and at most the number of rows (or groups).</param>
    /// <param name="seed">The seed that selects the rows.</param>
    /// <param name="grouped">
    /// Whether to keep the rows of a <see cref="Row.Group"/> in one fold; the folds can then differ in size. The default is false.
    /// </param>
    /// <exception cref="SkTuningException">There are fewer than two folds, or fewer rows (or groups) than folds.</exception>
    public static IReadOnlyList<RowSplit> Folds(IReadOnlyList<Row> rows, int folds, ulong seed, bool grouped = false)
    {
        var groups = grouped ? ByGroup(rows) : Alone(rows);
        if (folds < 2 || groups.Count < folds)
        {
            var unit = grouped ? "group" : "row";
            throw new SkTuningException($"Folds: {folds} of {groups.Count} {unit}s, expected at least 2, and at most one per {unit}.");
        }
        var fold = Balance.Share(rows, groups, Enumerable.Repeat(1.0 / folds, folds).ToArray(), seed);
        return Enumerable.Range(0, folds).Select(f => Parts(rows, i => fold[i] == f)).ToList();
    }

    /// <summary>
    /// Selects exactly <paramref name="perLabel"/> rows of every label, in the order of <paramref name="rows"/>. If rows have several labels, at least as many
    /// are selected, and the rarest label chooses first.
    /// </summary>
    /// <param name="rows">The rows to select from.</param>
    /// <param name="perLabel">The number of rows per label, at least 1.</param>
    /// <param name="seed">The seed that selects the rows.</param>
    /// <exception cref="SkTuningException">A label has fewer rows. The message names the label.</exception>
    public static IReadOnlyList<Row> KShot(IReadOnlyList<Row> rows, int perLabel, ulong seed)
    {
        if (perLabel < 1) throw new SkTuningException($"K-shot sample: {perLabel} rows per label, expected at least 1.");
        var random = new Shuffler(seed);
        var chosen = new SortedSet<int>();
        var groups = ByLabel(rows);
        if (rows.Any(r => r.Labels.Count > 1)) groups = groups.OrderBy(g => g.Value.Length).ToList();   // stable: ties by label
        foreach (var (label, indices) in groups)
        {
            if (indices.Length < perLabel)
                throw new SkTuningException($"K-shot sample: the label '{label}' has {indices.Length} rows, expected at least {perLabel}.");
            random.Shuffle<int>(indices);
            var missing = perLabel - indices.Count(chosen.Contains);
            foreach (var index in indices)
                if (missing > 0 && chosen.Add(index)) missing--;
        }
        return chosen.Select(i => rows[i]).ToList();
    }

    private static RowSplit Balanced(string name, IReadOnlyList<Row> rows, List<int[]> groups, double fraction, ulong seed)
    {
        if (groups.Count < 2)
            throw new SkTuningException(
                $"{name}: {groups.Count} group{(groups.Count == 1 ? "" : "s")} of rows, expected at least 2. Provide a held-out file, or more rows.");
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
        if (!(fraction > 0 && fraction < 1))
            throw new SkTuningException(FormattableString.Invariant($"{name}: the fraction is {fraction}, expected above 0 and below 1."));
    }

    private static int[] Shuffled(int count, ulong seed)
    {
        var order = Enumerable.Range(0, count).ToArray();
        new Shuffler(seed).Shuffle<int>(order);
        return order;
    }

    /// <summary>The row indices of each label. Labels are in ordinal order, which is the order in which random numbers are drawn.</summary>
    private static List<KeyValuePair<string, int[]>> ByLabel(IReadOnlyList<Row> rows)
        => rows.SelectMany((row, i) => row.Labels.Select(label => (Label: label, i)))
            .GroupBy(r => r.Label, r => r.i, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => KeyValuePair.Create(g.Key, g.ToArray()))
            .ToList();

    /// <summary>The row indices of each group. Groups are in the order of their first rows.</summary>
    private static List<int[]> ByGroup(IReadOnlyList<Row> rows)
    {
        var indexed = rows.Select((row, i) => (row.Group, i)).ToList();
        var named = indexed.Where(r => r.Group is not null).GroupBy(r => r.Group, r => r.i, StringComparer.Ordinal).Select(g => g.ToArray());
        return named.Concat(indexed.Where(r => r.Group is null).Select(r => (int[])[r.i])).OrderBy(g => g[0]).ToList();
    }

    private static List<int[]> Alone(IReadOnlyList<Row> rows) => Enumerable.Range(0, rows.Count).Select(i => (int[])[i]).ToList();

    /// <summary>
    /// The number of rows of each label to hold out: the integer part of its share, then one more for the largest remainders. Every label keeps a row.
    /// </summary>
    private static int[] Shares(int[] sizes, double fraction)
    {
        var shares = sizes.Select(n => Math.Min((int)(n * fraction), n - 1)).ToArray();
        var wanted = Math.Max(1, (int)Math.Round(sizes.Sum() * fraction, MidpointRounding.AwayFromZero)) - shares.Sum();
        foreach (var group in Enumerable.Range(0, sizes.Length).OrderByDescending(g => sizes[g] * fraction - shares[g]))   // stable: ties by label
            if (wanted > 0 && shares[group] < sizes[group] - 1) { shares[group]++; wanted--; }
        return shares;
    }
}
