using SkTuning.Batches;
using SkTuning.Data;

namespace SkTuning.Training;

/// <summary>
/// Divides rows into the parts of a cross-validation: each has about the same share of every class, and equal texts and the rows of a group stay together.
/// </summary>
internal static class Folds
{
    /// <summary>The number of parts where the options name none.</summary>
    public const int Usual = 3;

    /// <summary>Returns the indices of the rows of each part, in ascending order. No part is empty; there may be fewer parts than asked for.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="seed">The seed.</param>
    public static IReadOnlyList<int[]> Of(IReadOnlyList<EncodedRow> rows, int parts, ulong seed)
    {
        var units = EqualTexts.Units(rows.Count, i => string.Join(' ', rows[i].Sequences.SelectMany(s => s.Ids)), i => rows[i].Group);
        var random = new Shuffler(seed);
        var folds = Enumerable.Range(0, Math.Min(parts, units.Count)).Select(_ => new List<int>()).ToArray();
        foreach (var stratum in units.GroupBy(u => rows[u[0]].Classes is [var only] ? only : 0).OrderBy(g => g.Key))
        {
            var shuffled = stratum.ToArray();
            random.Shuffle<int[]>(shuffled);
            // The smallest part comes next, so that large units are made up for.
            foreach (var unit in shuffled) folds.MinBy(f => f.Count)!.AddRange(unit);
        }
        return [.. folds.Where(f => f.Count > 0).Select(f => f.Order().ToArray())];
    }
}
