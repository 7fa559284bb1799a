namespace SkTuning.Data;

/// <summary>
/// Shares out groups of rows among parts so that each part gets about its fraction of the rows and of every label: groups in a shuffled order, the largest first, each to the part
/// that lacks most of what it holds. After iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011), which is this for groups of one row; the rarest label's rows go first.
/// </summary>
internal static class Balance
{
    /// <returns>The part of every row. No part is empty while there are as many groups.</returns>
    public static int[] Share(IReadOnlyList<Row> rows, List<int[]> groups, double[] fractions, ulong seed)
    {
        var labels = LabelSet.Of(rows);
        var totals = new double[labels.Count];
        var counts = groups.Select(group => group.SelectMany(i => rows[i].Labels).CountBy(labels.Find).ToArray()).ToArray();
        foreach (var (label, count) in counts.SelectMany(c => c)) totals[label] += count;
        var lacking = fractions.Select(f => totals.Select(t => t * f).ToArray()).ToArray();   // [parts][labels]
        var room = fractions.Select(f => rows.Count * f).ToArray();
        var empty = Enumerable.Repeat(true, fractions.Length).ToArray();

        var order = Enumerable.Range(0, groups.Count).ToArray();
        new Shuffler(seed).Shuffle<int>(order);
        var part = new int[rows.Count];
        var left = groups.Count;
        foreach (var g in order.OrderByDescending(g => groups[g].Length).ThenBy(g => Rarest(g)))   // stable: ties as shuffled
        {
            // The last groups go to parts that have none.
            var best = left-- <= empty.Count(e => e) ? Array.IndexOf(empty, true) : Best(g);
            empty[best] = false;
            room[best] -= groups[g].Length;
            foreach (var (label, count) in counts[g]) lacking[best][label] -= count;
            foreach (var i in groups[g]) part[i] = best;
        }
        return part;

        double Rarest(int g) => counts[g].Length == 0 ? double.MaxValue : counts[g].Min(c => totals[c.Key]);

        // The part that its labels lack most, each relative to what there is of it; the room in rows weighs as one more label.
        int Best(int g)
        {
            var (best, most) = (0, double.NegativeInfinity);
            for (var p = 0; p < fractions.Length; p++)
            {
                var need = room[p] / fractions[p] / rows.Count;
                foreach (var (label, count) in counts[g]) need += count * lacking[p][label] / fractions[p] / (totals[label] * groups[g].Length);
                if (need > most + 1e-12) (best, most) = (p, need);
            }
            return best;
        }
    }
}
