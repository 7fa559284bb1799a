using SkTuning.Diagnostics;
using SkTuning.Tokenizers;

namespace SkTuning.Tests.Diagnostics;

public sealed class DataInspectionTests
{
    private static Row At(long line, string text, string label, string? text2 = null) => new(text, label) { Line = line, Text2 = text2 };

    [Fact]
    public void Duplicates_are_found_regardless_of_case_white_space_and_punctuation()
    {
        Row[] rows =
        [
            At(2, "Where is my parcel?", "delivery"), At(3, "where  is my parcel", "delivery"), At(4, "Thanks!", "praise"), At(5, "Thanks!", "praise"),
            At(6, "e-mail", "x"), At(7, "Ｅ mail", "y"), At(8, "", "x"), At(9, " ", "x"), At(10, "?!", "x"), At(11, "!!", "x"),
        ];
        var report = LeakReport.Of(("train", rows));
        Assert.Equal(["where  is my parcel", "Thanks!", "Ｅ mail"], report.Groups.Select(g => g.Text));
        Assert.Equal([false, true, false], report.Groups.Select(g => g.IsExact));
        Assert.Equal([new("train", 1, 2), new("train", 2, 3)], report.Groups[0].Places);
        Assert.Equal(["x", "y"], Assert.Single(report.Conflicts).Labels);
        Assert.Equal(3, report.Repeated.Count);
        Assert.Equal(3, report.RepeatedRows("train"));
        Assert.Empty(report.Leaks);
        Assert.Equal("train, line 3", report.Groups[0].Places[1].ToString());
    }

    [Fact]
    public void Test_rows_that_occur_in_train_are_leaks()
    {
        var report = LeakReport.Of(
            ("train", [At(2, "a b", "x"), At(3, "c", "x"), At(4, "c", "x")]),
            ("dev", [At(2, "d", "y")]),
            ("test", [At(2, "A, b.", "y"), At(3, "e", "y"), At(4, "d", "y")]));
        Assert.Equal(2, report.Leaks.Count);
        Assert.True(report.Leaks[0].IsConflicting);
        Assert.Equal("train, line 2 = test, line 2", string.Join(" = ", report.Leaks[0].Places));
        Assert.Equal((1, 1, 2), (report.LeakedRows("train"), report.LeakedRows("dev"), report.LeakedRows("test")));
        Assert.Contains("named 'a'", Assert.ThrowsAny<SkTuningException>(() => LeakReport.Of(("a", []), ("a", []))).Message);
    }

    [Fact]
    public void Pairs_are_duplicates_if_both_texts_are()
    {
        var report = LeakReport.Of(("train", [At(2, "a", "x", "b"), At(3, "a", "x", "c"), At(4, "A", "x", "B"), At(5, "a", "x"), At(6, "ab", "x", "")]));
        Assert.Equal([2L, 4], Assert.Single(report.Groups).Places.Select(p => p.Line));
        Assert.Equal("B", report.Groups[0].Text2);
    }

    [Fact]
    public void Rows_are_counted_by_label_and_length()
    {
        var tokenizer = TextTokenizer.Load(Fixtures.Tiny);
        List<Row> rows =
        [
            new("one", "a"), new("one two three", ["a", "b"]), new("", []), new("pair", "b") { Text2 = " " },
            .. Enumerable.Range(0, 96).Select(i => new Row($"x{i}", "c")),
        ];
        var found = DataInspection.Of("train", rows, new() { Tokenizer = tokenizer, MaxTokens = 2, Against = [("test", [new("ONE", "a")])] });
        Assert.Equal(100, found.Rows);
        Assert.Equal([("c", 96L), ("a", 2L), ("b", 2L)], found.Labels.Select(l => (l.Name, l.Count)));
        Assert.Equal((1L, 1L, 1L), (found.RowsWithSeveralLabels, found.RowsWithoutLabel, found.Pairs));
        Assert.Equal([3L, 4L], found.EmptyTexts.Select(p => p.Row));
        Assert.Equal(new NamedCount("test", 1), Assert.Single(found.Against));
        Assert.Single(found.Duplicates.Leaks);
        var lengths = rows.Select(r => r.Text2 is null ? tokenizer.EncodeIds(r.Text).Length : tokenizer.Encode(r.Text, r.Text2).Ids.Count).Order().ToArray();
        var tokens = found.Tokens!;
        Assert.Equal((lengths[0], lengths[49], lengths[94], lengths[99]), (tokens.Min, tokens.Median, tokens.Percentile95, tokens.Max));
        Assert.Equal(lengths.Count(l => l > 2), tokens.TruncatedRows);
        Assert.Equal(lengths.Sum(), tokens.TotalTokens);
    }

    [Fact]
    public void Words_that_the_tokenizer_does_not_know_are_counted()
    {
        var folder = Path.Combine(Fixtures.Shared, "models", "minilm");
        Fixtures.SkipWithout(folder);
        Row[] rows = [new("a 🦩 and a 🦩", "x"), new("plain", "x"), new("the 🜁", "x") { Text2 = "🦩" }];
        var found = DataInspection.Of("rows", rows, new() { Tokenizer = TextTokenizer.Load(folder) });
        Assert.True(found.Tokens!.HasUnknownToken);
        Assert.Equal((4L, 2L), (found.Tokens.UnknownTokens, found.Tokens.RowsWithUnknown));
        Assert.Equal([("🦩", 3L), ("🜁", 1L)], found.Tokens.UnknownWords.Select(w => (w.Name, w.Count)));
        Assert.Equal(0, found.Tokens.TruncatedRows);
    }
}

/// <summary>Measures the memory of the process, while no other test runs.</summary>
[Collection(Alone.Name)]
public sealed class DataInspectionMemoryTests
{
    [Fact]
    public void Only_hashes_are_kept_of_a_long_stream()
    {
        static IEnumerable<Row> Stream()
        {
            for (var i = 0; i < 20_000; i++) yield return new Row(new string((char)('a' + i % 26), 2000) + i, "x") { Line = i + 2 };
        }
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var found = DataInspection.Of("rows", Stream());
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 20_000_000);
        Assert.Equal(20_000, found.Rows);
        Assert.Empty(found.Duplicates.Groups);
        Assert.Null(found.Tokens);
    }
}
