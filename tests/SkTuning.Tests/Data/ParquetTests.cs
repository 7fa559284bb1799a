using Parquet;
using Parquet.Schema;

namespace SkTuning.Tests.Data;

/// <summary>
/// arrow.parquet was written by Arrow's C++ library (through ParquetSharp 25.0), like files from pandas and the data sets of the hub: two row groups of three
/// rows, Snappy, dictionaries, lists.
/// </summary>
public sealed class ParquetTests
{
    private static readonly string Arrow = Path.Combine(Fixtures.Repository, "tests", "SkTuning.Tests", "Data", "arrow.parquet");

    [Fact]
    public void Texts_and_numeric_labels_are_read_across_row_groups()
    {
        var rows = RowFile.Load(Arrow);
        Assert.Equal(
            [
                new("first 0", "0"), new("zweiter ü", "1") { Text2 = "b" }, new("", "0") { Text2 = "c" },
                new("first 1", "0"), new("zweiter ü", "1") { Text2 = "b" }, new("", "1") { Text2 = "c" },
            ], rows);
        Assert.Equal([1L, 2, 3, 4, 5, 6], rows.Select(r => r.Line));
        Assert.Equal(rows.Take(4), RowFile.Load(Arrow, new() { Limit = 4 }));
        var map = new Dictionary<string, string> { ["0"] = "no", ["1"] = "yes" };
        Assert.Equal(["no", "yes", "no", "no", "yes", "yes"], RowFile.Load(Arrow, new() { LabelMap = map }).Select(r => r.Label));
        Assert.Equal(rows.Select(r => r.Text), RowFile.LoadTexts(Arrow));
    }

    [Fact]
    public void Lists_are_several_labels_and_nulls_are_bad_rows()
    {
        var bad = new List<BadRow>();
        var rows = RowFile.Load(Arrow, new() { LabelColumn = "labels", OnBadRow = bad.Add });
        Assert.Equal(["a", "b"], rows[0].Labels);
        Assert.Empty(rows[1].Labels);
        Assert.Equal(4, rows.Count);
        Assert.Equal([3L, 6L], bad.Select(b => b.Line));
        Assert.Equal($"{Arrow}: 'row 3' is a row whose 'labels' is null, expected a list of labels.", bad[0].Reason);
        Assert.Equal("{\"labels\":null,\"text\":\"\",\"text2\":\"c\"}", bad[0].Content);
        Assert.Contains("'row 2' is a row whose 'score' is null", Error(() => RowFile.Load(Arrow, new() { LabelColumn = "score" })));
        Assert.Contains("'row 2' is a row whose 'holes' contains null", Error(() => RowFile.Load(Arrow, new() { LabelColumn = "holes" })));
    }

    [Theory]
    [InlineData("label", "0")]
    [InlineData("flag", "true")]
    [InlineData("raw", "bytes é")]
    [InlineData("half", "0.1")]
    [InlineData("score", "1.5")]
    public void Values_of_any_primitive_type_are_labels(string column, string expected)
        => Assert.Equal(expected, RowFile.Stream(Arrow, new() { LabelColumn = column, Limit = 1 }).Single().Label);

    [Fact]
    public void Lists_of_words_and_tags_are_token_rows()
    {
        var map = new Dictionary<string, string> { ["0"] = "O", ["1"] = "B-PER", ["2"] = "I-PER", ["3"] = "O" };
        var rows = TokenRowFile.Load(Arrow, new() { TagsColumn = "ner", TagMap = map });
        Assert.Equal(new TokenRow(["Ada", "Lovelace", "schläft"], ["B-PER", "I-PER", "O"]), rows[0]);
        Assert.Equal(6, rows.Count);
        map = new() { ["0"] = "O" };
        Assert.Contains("'row 1' is a row with the tag '1'", Error(() => TokenRowFile.Load(Arrow, new() { TagsColumn = "ner", TagMap = map })));
        Assert.Contains("'label' is a single value", Error(() => TokenRowFile.Load(Arrow, new() { TagsColumn = "label" })));
    }

    [Fact]
    public void Missing_columns_and_damaged_files_are_reported()
    {
        Assert.Contains("found the columns 'text', 'text2'", Error(() => RowFile.Load(Arrow, new() { LabelColumn = "topic" })));
        Assert.Contains("'row 1' is a row whose 'tokens' is a list", Error(() => RowFile.Load(Arrow, new() { TextColumn = "tokens" })));
        var bytes = File.ReadAllBytes(Arrow);
        using var none = new TemporaryFile(".parquet", "text\tlabel\na\tb\n");
        using var half = new TemporaryFile(".parquet", bytes[..(bytes.Length / 2)]);
        Assert.StartsWith($"{none.Path}: found content that cannot be read as Parquet", Error(() => RowFile.Load(none.Path)));
        Assert.StartsWith($"{half.Path}: found content that cannot be read as Parquet", Error(() => RowFile.Load(half.Path)));
        // Changing any byte gives rows or an error that names the file, nothing else.
        for (var at = 0; at < bytes.Length; at += 7)
        {
            var damaged = (byte[])bytes.Clone();
            damaged[at] ^= 0x55;
            using var file = new TemporaryFile(".parquet", damaged);
            try { RowFile.Load(file.Path); }
            catch (SkTuningException e) { Assert.StartsWith(file.Path, e.Message); }
        }
    }

    [Fact]
    public async Task Many_row_groups_stream()
    {
        var schema = new ParquetSchema(new DataField<string>("text"), new DataField<int>("label"));
        using var file = new TemporaryFile(".parquet", "");
        await using (var stream = File.Create(file.Path))
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream))
            for (var g = 0; g < 20; g++)
            {
                using var group = writer.CreateRowGroup();
                await group.WriteAsync(schema.DataFields[0], Enumerable.Range(g * 100, 100).Select(i => $"text {i}").ToArray());
                await group.WriteAsync<int>(schema.DataFields[1], Enumerable.Range(g * 100, 100).Select(i => i % 3).ToArray());
            }
        var rows = new List<Row>();
        await foreach (var row in RowFile.StreamAsync(file.Path)) rows.Add(row);
        Assert.Equal(Enumerable.Range(0, 2000).Select(i => new Row($"text {i}", $"{i % 3}")), rows);
        Assert.Equal(rows, await RowFile.LoadAsync(file.Path));
    }

    private static string Error(Func<object> read) => Assert.ThrowsAny<SkTuningException>(() => { read(); }).Message;
}
