using System.Text.RegularExpressions;
using SkTuning.Data;

namespace SkTuning.Compare;

/// <summary>Rows of one split that stand in another: equal but for case, white space and Unicode's ways to write the same character.</summary>
internal static partial class SplitLeaks
{
    private const int Shown = 5, ShownText = 120;

    public static ComparisonLeak? Find(ulong? seed, (string Name, IReadOnlyList<Row> Rows) unseen, (string Name, IReadOnlyList<Row> Rows) seen)
    {
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (i, row) in seen.Rows.Index()) known.TryAdd(Normalized(row), i);
        var found = unseen.Rows.Index().Select(r => (Row: r.Index, r.Item, At: known.GetValueOrDefault(Normalized(r.Item), -1))).Where(r => r.At >= 0).ToList();
        if (found.Count == 0) return null;
        return new()
        {
            Seed = seed,
            Split = unseen.Name,
            FoundIn = seen.Name,
            Rows = found.Count,
            OtherLabel = found.Count(r => r.Item.Label != seen.Rows[r.At].Label),
            Examples = [.. found.Take(Shown).Select(r => new LeakedRow(r.Row + 1, r.At + 1, Cut(r.Item)))],
        };
    }

    private static string Normalized(Row row) => row.Text2 is null ? Normalized(row.Text) : Normalized(row.Text) + "\n" + Normalized(row.Text2);

    private static string Normalized(string text) => Space().Replace(text.Normalize(System.Text.NormalizationForm.FormKC).ToLowerInvariant(), " ").Trim();

    private static string Cut(Row row)
    {
        var text = Space().Replace(row.Text2 is null ? row.Text : $"{row.Text} | {row.Text2}", " ");
        return text.Length > ShownText ? text[..ShownText] + "…" : text;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
