using System.Globalization;

namespace SkTuning.Data;

/// <summary>
/// Finds rows that a split must keep together: those with equal texts (for pairs, with two equal texts), because a row that is held out says nothing about new
/// texts if training has seen its text. Texts are compared as by the inspection of data: regardless of case, white space, and punctuation. Empty texts are not
/// compared.
/// </summary>
internal static class EqualTexts
{
    /// <summary>Returns the key of a row's texts; null if they are empty.</summary>
    public static UInt128? Key(string text, string? text2)
        => string.IsNullOrWhiteSpace(text) && string.IsNullOrWhiteSpace(text2) ? null : TextKey.Near(text, text2);

    public static UInt128? Key(Row row) => Key(row.Text, row.Text2);

    public static UInt128? Key(TokenRow row) => Key(row.ToText(), null);

    /// <summary>
    /// Returns the indices of the rows that belong together, in the order of their first rows: those with equal keys of any kind, directly
    /// or through other rows.
    /// </summary>
    /// <param name="count">The number of rows.</param>
    /// <param name="keys">Returns the keys of a row, of one kind; null for a row that belongs to no other row.</param>
    public static List<int[]> Units(int count, params ReadOnlySpan<Func<int, object?>> keys)
    {
        var above = Enumerable.Range(0, count).ToArray();   // a union-find forest, whose roots are the first rows
        foreach (var key in keys)
        {
            var first = new Dictionary<object, int>();
            for (var i = 0; i < count; i++)
                if (key(i) is { } known && !first.TryAdd(known, i)) Join(first[known], i);
        }
        return [.. Enumerable.Range(0, count).GroupBy(Root).Select(g => g.ToArray())];

        int Root(int i)
        {
            while (above[i] != i) i = above[i] = above[above[i]];
            return i;
        }

        void Join(int a, int b)
        {
            var (one, other) = (Root(a), Root(b));
            above[Math.Max(one, other)] = Math.Min(one, other);
        }
    }

    /// <summary>Returns a warning about dev rows whose texts are among the training rows; null if there are none.</summary>
    public static string? Overlap<T>(IReadOnlyList<T> train, IReadOnlyList<T> dev, Func<T, UInt128?> key)
    {
        if (train.Count == 0 || dev.Count == 0) return null;
        var known = train.Select(key).OfType<UInt128>().ToHashSet();
        var rows = dev.Count(row => key(row) is { } own && known.Contains(own));
        return rows == 0 ? null : string.Create(CultureInfo.InvariantCulture,
            $"{rows} of {dev.Count} dev rows {(rows == 1 ? "also occurs" : "also occur")} among the training rows: the dev score is too high for new texts.");
    }
}
