namespace SkTuning.Data;

/// <summary>Holds out whole units of rows (see <see cref="EqualTexts.Units"/>) at random.</summary>
internal static class RandomUnits
{
    /// <summary>
    /// Returns the rows to hold out: about <paramref name="count"/>, exactly if every unit is one row; null if there is only one unit. One unit remains.
    /// </summary>
    public static HashSet<int>? HoldOut(List<int[]> units, int count, ulong seed)
    {
        if (units.Count < 2) return null;
        var order = Enumerable.Range(0, units.Count).ToArray();
        new Shuffler(seed).Shuffle<int>(order);
        var (held, left) = (new HashSet<int>(), units.Count);
        foreach (var unit in order)
        {
            if (left == 1 || !Fits(units[unit].Length, count - held.Count)) continue;
            held.UnionWith(units[unit]);
            left--;
        }
        return held.Count > 0 ? held : [.. units[order.MinBy(u => units[u].Length)]];
    }

    /// <summary>Whether taking a unit comes closer to the number of rows that are still wanted than leaving it.</summary>
    public static bool Fits(int size, int wanted) => wanted > 0 && size <= 2 * wanted;
}
