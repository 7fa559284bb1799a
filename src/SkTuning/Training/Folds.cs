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
        => Of(rows.Count, i => string.Join(' ', rows[i].Sequences.SelectMany(s => s.Ids)), i => rows[i].Group,
            i => rows[i].Classes is [var only] ? only : 0, parts, seed);

    /// <summary>Returns the same parts of any rows.</summary>
    /// <param name="rows">The number of rows.</param>
    /// <param name="text">Returns what equal texts have in common; null for a row that belongs to no other row.</param>
    /// <param name="group">Returns the group of a row; null for a row that belongs to none.</param>
    /// <param name="stratum">Returns the class of a row.</param>
    /// <param name="parts">The number of parts.</param>
    /// <param name="seed">The seed.</param>
    public static IReadOnlyList<int[]> Of(int rows, Func<int, object?> text, Func<int, object?> group, Func<int, int> stratum, int parts, ulong seed)
    {
        var units = EqualTexts.Units(rows, text, group);
        var random = new Shuffler(seed);
        var folds = Enumerable.Range(0, Math.Min(parts, units.Count)).Select(_ => new List<int>()).ToArray();
        foreach (var equal in units.GroupBy(u => stratum(u[0])).OrderBy(g => g.Key))
        {
            var shuffled = equal.ToArray();
            random.Shuffle<int[]>(shuffled);
            // The smallest part comes next, so that large units are made up for.
            foreach (var unit in shuffled) folds.MinBy(f => f.Count)!.AddRange(unit);
        }
        return [.. folds.Where(f => f.Count > 0).Select(f => f.Order().ToArray())];
    }
}
