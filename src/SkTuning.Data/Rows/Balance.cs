namespace SkTuning.Data;

/// <summary>
/// Distributes groups of rows among parts so that each part gets about its fraction of the rows and of every label. The groups are shuffled, sorted by
/// descending size, and each goes to the part that lacks its labels most. For groups of one row, this is iterative stratification (Sechidis, Tsoumakas, and
/// Vlahavas 2011), in which the rows of the rarest label go first.
/// </summary>
internal static class Balance
{
    /// <returns>The part of every row. No part is empty if there are at least as many groups as parts.</returns>
    public static int[] Share(IReadOnlyList<Row> rows, List<int[]> groups, double[] fractions, ulong seed)
    {
        var labels = LabelSet.Of(rows);
        var totals = new double[labels.Count];
        var counts = groups.Select(group => group.SelectMany(i => rows[i].Labels).CountBy(labels.IndexOf).ToArray()).ToArray();
        foreach (var (label, count) in counts.SelectMany(c => c)) totals[label] += count;
        var lacking = fractions.Select(f => totals.Select(t => t * f).ToArray()).ToArray();   // [parts][labels]
        var room = fractions.Select(f => rows.Count * f).ToArray();
        var empty = Enumerable.Repeat(true, fractions.Length).ToArray();

        var order = Enumerable.Range(0, groups.Count).ToArray();
        new Shuffler(seed).Shuffle<int>(order);
        var part = new int[rows.Count];
        var left = groups.Count;
        foreach (var g in order.OrderByDescending(g => groups[g].Length).ThenBy(g => Rarest(g)))   // stable: ties stay shuffled
        {
            // The last groups go to parts that are still empty.
            var best = left-- <= empty.Count(e => e) ? Array.IndexOf(empty, true) : Best(g);
            empty[best] = false;
            room[best] -= groups[g].Length;
            foreach (var (label, count) in counts[g]) lacking[best][label] -= count;
            foreach (var i in groups[g]) part[i] = best;
        }
        return part;

        double Rarest(int g) => counts[g].Length == 0 ? double.MaxValue : counts[g].Min(c => totals[c.Key]);

        // The part that lacks the group's labels most, relative to their totals. The room for rows counts as one more label.
        int Best(int g)
        {
            var (best, max) = (0, double.NegativeInfinity);
            for (var p = 0; p < fractions.Length; p++)
            {
                var need = room[p] / fractions[p] / rows.Count;
                foreach (var (label, count) in counts[g]) need += count * lacking[p][label] / fractions[p] / (totals[label] * groups[g].Length);
                if (need > max + 1e-12) (best, max) = (p, need);
            }
            return best;
        }
    }
}
