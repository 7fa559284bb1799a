using System.Text.RegularExpressions;

namespace SkTuning.Tests.Data;

/// <summary>The guarantees of assets/data/support/README.md: sizes, labels, and that no dev or test row is nearly the same as a training row.</summary>
public sealed partial class SupportDataTests
{
    private static readonly string[] Labels = ["account", "complaint", "delivery", "payment", "product", "returns", "subscription", "warranty"];
    private static readonly Dictionary<string, List<Row>> Splits = new[] { "train", "dev", "test" }.ToDictionary(s => s, Read);

    [Theory]
    [InlineData("train", 40)]
    [InlineData("dev", 10)]
    [InlineData("test", 30)]
    public void Every_split_has_the_eight_labels_equally_often(string split, int perLabel)
    {
        var counts = Splits[split].CountBy(r => r.Label).OrderBy(c => c.Key, StringComparer.Ordinal).ToList();
        Assert.Equal(Labels, counts.Select(c => c.Key));
        Assert.All(counts, c => Assert.Equal(perLabel, c.Value));
    }

    [Fact]
    public void There_are_at_least_480_rows_and_160_of_them_test()
    {
        Assert.True(Splits.Values.Sum(s => s.Count) >= 480);
        Assert.True(Splits["test"].Count >= 160);
    }

    [Fact]
    public void No_text_occurs_twice_within_or_across_splits() =>
        Assert.Empty(Splits.Values.SelectMany(s => s).GroupBy(r => string.Join(' ', Words(r.Text))).Where(g => g.Count() > 1).Select(g => g.First().Text));

    [Fact]
    public void Texts_are_trimmed_and_contain_words_and_no_double_quotes() =>
        Assert.All(Splits.Values.SelectMany(s => s), r =>
        {
            Assert.Equal(r.Text.Trim(), r.Text);
            Assert.NotEmpty(Words(r.Text));
            Assert.DoesNotContain('"', r.Text);
        });

    [Theory]
    [InlineData("dev")]
    [InlineData("test")]
    public void No_row_shares_more_than_half_of_its_word_trigrams_with_a_train_row(string split)
    {
        var train = Splits["train"].Select(r => (r.Text, Trigrams: Trigrams(r.Text))).ToList();
        var close = from row in Splits[split]
                    let trigrams = Trigrams(row.Text)
                    from other in train
                    where Shared(trigrams, other.Trigrams) > 0.5
                    select $"'{row.Text}' is too close to '{other.Text}'";
        Assert.Empty(close);
    }

    [Theory]
    [InlineData("Where is my blue parcel today?", "where is my blue parcel, please", true)]
    [InlineData("Where is my blue parcel today?", "where is my red parcel today", false)]
    [InlineData("Too small", "TOO SMALL!", true)]
    [InlineData("Too small", "far too small", false)]
    public void The_similarity_measure_finds_near_copies(string text, string other, bool close) =>
        Assert.Equal(close, Shared(Trigrams(text), Trigrams(other)) > 0.5);

    private static List<Row> Read(string split)
    {
        var lines = File.ReadLines(Path.Combine(Fixtures.Repository, "assets", "data", "support", $"{split}.tsv")).ToList();
        Assert.Equal("text\tlabel", lines[0]);
        return lines.Skip(1).Select(line =>
        {
            var fields = line.Split('\t');
            Assert.True(fields.Length == 2, $"{split}.tsv: not two fields: {line}");
            return new Row(fields[0], fields[1]);
        }).ToList();
    }

    private static double Shared(HashSet<string> row, HashSet<string> other) => (double)row.Count(other.Contains) / row.Count;

    /// <summary>The sequences of three words; a text of fewer than three words is a single sequence.</summary>
    private static HashSet<string> Trigrams(string text)
    {
        var words = Words(text);
        return words.Length < 3 ? [string.Join(' ', words)] : [.. words.Zip(words.Skip(1), words.Skip(2)).Select(t => $"{t.First} {t.Second} {t.Third}")];
    }

    private static string[] Words(string text) => NotLetters().Split(text.ToLowerInvariant()).Where(w => w.Length > 0).ToArray();

    [GeneratedRegex(@"\P{L}+")]
    private static partial Regex NotLetters();

    private sealed record Row(string Text, string Label);
}
