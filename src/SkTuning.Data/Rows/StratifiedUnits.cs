namespace SkTuning.Data;

/// <summary>Holds out a fraction of every label's rows in whole units (see <see cref="EqualTexts.Units"/>), which mostly are single rows.</summary>
internal static class StratifiedUnits
{
    /// <summary>Returns the indices of the rows to hold out. Every label keeps a row.</summary>
    /// <param name="rows">The rows, with one label each.</param>
    /// <param name="units">The indices of the rows that belong together.</param>
    /// <param name="fraction">The fraction to hold out.</param>
    /// <param name="seed">The seed that selects the units.</param>
    /// <exception cref="SkTuningException">Whichever unit is held out, a label loses its last row.</exception>
    public static HashSet<int> HoldOut(IReadOnlyList<Row> rows, List<int[]> units, double fraction, ulong seed)
    {
        var left = rows.CountBy(r => r.Label, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        // Labels in ordinal order, which is the order in which random numbers are drawn.
        var strata = Enumerable.Range(0, units.Count).GroupBy(u => Label(rows, units[u]), StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
            .Select(g => g.ToArray()).ToList();
        var random = new Shuffler(seed);
        var (held, wanted) = (new HashSet<int>(), 0);
        foreach (var (stratum, share) in strata.Zip(Shares([.. strata.Select(s => s.Sum(u => units[u].Length))], fraction)))
        {
            random.Shuffle<int>(stratum);
            wanted += share;   // what large units took too much or left over counts for the next label
            foreach (var unit in stratum)
                if (RandomUnits.Fits(units[unit].Length, wanted) && Take(units[unit])) wanted -= units[unit].Length;
        }
        // A unit can be larger than any share.
        if (held.Count == 0) _ = strata.SelectMany(s => s).OrderBy(u => units[u].Length).Any(u => Take(units[u]));
        return held.Count > 0 ? held : throw new SkTuningException(units.Count == rows.Count
            ? $"Stratified split: none of {left.Count} labels has 2 rows, expected at least one that does. Provide a held-out file, or more rows."
            : $"Stratified split: none of {left.Count} labels has 2 rows with different texts, expected at least one that does. "
                + "Provide a held-out file, or more rows.");

        // Leaves a unit that has the last rows of a label.
        bool Take(int[] unit)
        {
            foreach (var (label, count) in unit.CountBy(i => rows[i].Label, StringComparer.Ordinal))
                if (left[label] <= count) return false;
            foreach (var i in unit) left[rows[i].Label]--;
            held.UnionWith(unit);
            return true;
        }
    }

    /// <summary>The most frequent label of a unit, the first in ordinal order of several.</summary>
    private static string Label(IReadOnlyList<Row> rows, int[] unit) => unit.Length == 1
        ? rows[unit[0]].Label
        : unit.CountBy(i => rows[i].Label, StringComparer.Ordinal).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).First().Key;

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
