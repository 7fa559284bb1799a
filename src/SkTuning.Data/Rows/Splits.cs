using SkTuning.Data;

namespace SkTuning;

/// <summary>
/// Divides rows into parts by a seed: the same rows and seed give the same parts on every machine and in every version. Rows with equal texts (for pairs, with
/// two equal texts) are kept in the same part: a held-out text that also occurs in training says nothing about new texts. Texts are equal if they differ at
/// most in case, white space, and punctuation.
/// </summary>
public static class Splits
{
    /// <summary>
    /// Holds out a fraction of every label's rows. The number of held-out rows is the fraction of all rows, rounded, and at least 1; the labels share it by
    /// largest remainder. No label loses its last training row. Rows with several labels are divided so that every label comes close to its fraction (Sechidis
    /// et al. 2011: the rarest labels choose first), not necessarily exactly. Nor is it exact if texts occur more than once.
    /// </summary>
    /// <param name="rows">The rows to split.</param>
    /// <param name="fraction">The fraction to hold out, from 0 to 1 (both exclusive).</param>
    /// <param name="seed">The seed that selects the rows.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or no label has two rows with different texts.</exception>
    public static RowSplit Stratified(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        Check("Stratified split", fraction);
        if (rows.Any(r => r.Labels.Count != 1)) return Balanced("Stratified split", rows, ByText(rows), fraction, seed);
        var held = StratifiedUnits.HoldOut(rows, ByText(rows), fraction, seed);
        return Parts(rows, held.Contains);
    }

    /// <summary>Holds out a fraction of the rows regardless of their labels: for regression, where few rows share a label.</summary>
    /// <param name="rows">The rows to split, at least 2 with different texts.</param>
    /// <param name="fraction">The fraction to hold out, from 0 to 1 (both exclusive). Both parts get at least 1 row.</param>
    /// <param name="seed">The seed that selects the rows.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or there are fewer than two rows with different texts.</exception>
    public static RowSplit Random(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        Check("Random split", fraction);
        if (rows.Count < 2) throw new SkTuningException($"Random split: {rows.Count} rows, expected at least 2.");
        var count = Math.Clamp((int)Math.Round(rows.Count * fraction, MidpointRounding.AwayFromZero), 1, rows.Count - 1);
        var held = RandomUnits.HoldOut(ByText(rows), count, seed)
            ?? throw new SkTuningException($"Random split: the {rows.Count} rows have the same text, expected at least 2 different texts.");
        return Parts(rows, held.Contains);
    }

    /// <summary>
    /// Holds out whole groups, about a fraction of the rows and of every label's rows: no group (<see cref="Row.Group"/>: a customer, a document) is on both
    /// sides. A row without a group is a group by itself, and groups that share a text are one. The sizes of the groups determine how
    /// closely the fraction is met. Both parts get at least one group.
    /// </summary>
    /// <param name="rows">The rows to split.</param>
    /// <param name="fraction">The fraction to hold out, from 0 to 1 (both exclusive).</param>
    /// <param name="seed">The seed that selects the groups.</param>
    /// <exception cref="SkTuningException">The fraction is out of range, or there are fewer than two groups.</exception>
    public static RowSplit Grouped(IReadOnlyList<Row> rows, double fraction, ulong seed)
    {
        Check("Grouped split", fraction);
        return Balanced("Grouped split", rows, ByGroupAndText(rows), fraction, seed);
    }

    /// <summary>Divides rows into folds for cross-validation: every row is held out once, and every fold has its share of every label.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="folds">The number of folds, at least 2 and at most the number of different texts (or groups).</param>
    /// <param name="seed">The seed that selects the rows.</param>
    /// <param name="grouped">
    /// Whether to keep the rows of a <see cref="Row.Group"/> in one fold; the folds can then differ in size. The default is false.
    /// </param>
    /// <exception cref="SkTuningException">There are fewer than two folds, or fewer different texts (or groups) than folds.</exception>
    public static IReadOnlyList<RowSplit> Folds(IReadOnlyList<Row> rows, int folds, ulong seed, bool grouped = false)
    {
        var groups = grouped ? ByGroupAndText(rows) : ByText(rows);
        if (folds < 2 || groups.Count < folds)
        {
            var unit = grouped ? "group" : groups.Count == rows.Count ? "row" : "different text";
            throw new SkTuningException($"Folds: {folds} of {groups.Count} {unit}s, expected at least 2, and at most one per {unit}.");
        }
        var fold = Balance.Share(rows, groups, Enumerable.Repeat(1.0 / folds, folds).ToArray(), seed);
        return Enumerable.Range(0, folds).Select(f => Parts(rows, i => fold[i] == f)).ToList();
    }

    /// <summary>
    /// Selects exactly <paramref name="perLabel"/> rows of every label, in the order of <paramref name="rows"/>. If rows have several labels, at least as many
    /// are selected, and the rarest label chooses first. A text is selected twice only if its label has too few different ones.
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
        var texts = new HashSet<UInt128>();
        var groups = ByLabel(rows);
        if (rows.Any(r => r.Labels.Count > 1)) groups = groups.OrderBy(g => g.Value.Length).ToList();   // stable: ties by label
        foreach (var (label, indices) in groups)
        {
            if (indices.Length < perLabel)
                throw new SkTuningException($"K-shot sample: the label '{label}' has {indices.Length} rows, expected at least {perLabel}.");
            random.Shuffle<int>(indices);
            var missing = perLabel - indices.Count(chosen.Contains);
            foreach (var index in indices)
                if (missing > 0 && !chosen.Contains(index) && (EqualTexts.Key(rows[index]) is not { } text || texts.Add(text)) && chosen.Add(index)) missing--;
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

    /// <summary>The row indices of each label. Labels are in ordinal order, which is the order in which random numbers are drawn.</summary>
    private static List<KeyValuePair<string, int[]>> ByLabel(IReadOnlyList<Row> rows)
        => rows.SelectMany((row, i) => row.Labels.Select(label => (Label: label, i)))
            .GroupBy(r => r.Label, r => r.i, StringComparer.Ordinal)
            .OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => KeyValuePair.Create(g.Key, g.ToArray()))
            .ToList();

    /// <summary>The row indices of each text, in the order of their first rows.</summary>
    private static List<int[]> ByText(IReadOnlyList<Row> rows) => EqualTexts.Units(rows.Count, i => EqualTexts.Key(rows[i]));

    /// <summary>The row indices of each group, and of groups with equal texts, in the order of their first rows.</summary>
    private static List<int[]> ByGroupAndText(IReadOnlyList<Row> rows) => EqualTexts.Units(rows.Count, i => rows[i].Group, i => EqualTexts.Key(rows[i]));
}
