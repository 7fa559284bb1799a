namespace SkTuning;

/// <summary>Finds the name that was probably meant by one that does not exist.</summary>
internal static class NameSuggestion
{
    private const int LeastPrefix = 3;

    /// <summary>Returns a sentence to append to a message, such as <c> Did you mean 'lora'?</c>; empty if no name is similar.</summary>
    /// <param name="name">The name that does not exist.</param>
    /// <param name="known">The names that exist.</param>
    public static string For(string? name, IEnumerable<string> known) => Nearest(name, known) is { } nearest ? $" Did you mean '{nearest}'?" : "";

    /// <summary>Returns the most similar name, the first of equally similar ones; <see langword="null"/> if none is similar.</summary>
    /// <param name="name">The name that does not exist.</param>
    /// <param name="known">The names that exist.</param>
    public static string? Nearest(string? name, IEnumerable<string> known)
    {
        var given = (name ?? "").ToLowerInvariant();
        if (given.Trim('-').Length < 2) return null;
        var all = known.ToList();
        var (nearest, distance) = all.Select(k => (Name: k, Distance: Distance(given, k.ToLowerInvariant()))).DefaultIfEmpty(("", int.MaxValue))
            .MinBy(k => k.Item2);
        if (distance <= Math.Max(1, given.Trim('-').Length / 3)) return nearest;
        var begun = all.Where(k => given.Trim('-').Length >= LeastPrefix && k.StartsWith(given, StringComparison.OrdinalIgnoreCase)).ToList();
        return begun is [var only] ? only : null;
    }

    /// <summary>Counts the insertions, deletions, replacements and swaps of adjacent characters that make one name of the other.</summary>
    private static int Distance(string from, string to)
    {
        var table = new int[from.Length + 1, to.Length + 1];
        for (var i = 0; i <= from.Length; i++) table[i, 0] = i;
        for (var j = 0; j <= to.Length; j++) table[0, j] = j;
        for (var i = 1; i <= from.Length; i++)
        {
            for (var j = 1; j <= to.Length; j++)
            {
                var best = Math.Min(Math.Min(table[i - 1, j], table[i, j - 1]) + 1, table[i - 1, j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1]) best = Math.Min(best, table[i - 2, j - 2] + 1);
                table[i, j] = best;
            }
        }
        return table[from.Length, to.Length];
    }
}
