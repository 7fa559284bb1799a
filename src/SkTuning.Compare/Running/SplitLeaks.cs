using SkTuning.Diagnostics;

namespace SkTuning.Compare;

/// <summary>Finds rows that appear in two splits. Uses <see cref="LeakReport"/>, as does sktuning data inspect.</summary>
internal static class SplitLeaks
{
    private const string Train = "train", Dev = "dev", Test = "test";
    private const int MaxExamples = 5, MaxTextLength = 120;

    public static IEnumerable<ComparisonLeak> Find(ulong? seed, IReadOnlyList<Row> train, IReadOnlyList<Row> dev, IReadOnlyList<Row> test)
    {
        var leaks = LeakReport.Of((Train, train), (Dev, dev), (Test, test)).Leaks;
        return new[]
        {
            Between(seed, leaks, (Test, test), (Train, train)),
            Between(seed, leaks, (Test, test), (Dev, dev)),
            Between(seed, leaks, (Dev, dev), (Train, train)),
        }.OfType<ComparisonLeak>();
    }

    private static ComparisonLeak? Between(
        ulong? seed, IReadOnlyList<DuplicateGroup> leaks, (string Name, IReadOnlyList<Row> Rows) unseen, (string Name, IReadOnlyList<Row> Rows) seen)
    {
        var found = leaks
            .Select(g => (Group: g, SameAs: g.Places.FirstOrDefault(p => p.Part == seen.Name)))
            .Where(l => l.SameAs is not null)
            .SelectMany(l => l.Group.Places.Where(p => p.Part == unseen.Name).Select(p => (Row: (int)p.Row, SameAs: (int)l.SameAs!.Row)))
            .OrderBy(l => l.Row).ToList();
        if (found.Count == 0) return null;
        return new()
        {
            Seed = seed,
            Split = unseen.Name,
            FoundIn = seen.Name,
            Rows = found.Count,
            OtherLabel = found.Count(l => unseen.Rows[l.Row - 1].Label != seen.Rows[l.SameAs - 1].Label),
            Examples = [.. found.Take(MaxExamples).Select(l => new LeakedRow(l.Row, l.SameAs, Cut(unseen.Rows[l.Row - 1])))],
        };
    }

    private static string Cut(Row row)
    {
        var text = (row.Text2 is null ? row.Text : $"{row.Text} | {row.Text2}").ReplaceLineEndings(" ").Replace('\t', ' ');
        return text.Length > MaxTextLength ? text[..MaxTextLength] + "…" : text;
    }
}
