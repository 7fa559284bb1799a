using Parquet;
using Parquet.Schema;

namespace SkTuning.Tests.Data;

/// <summary>
/// arrow.parquet was written by Arrow's C++ library (through ParquetSharp 25.0), like files from pandas and the data sets of the hub: two row groups of three
/// rows, Snappy, dictionaries, lists.
/// </summary>
public sealed class ParquetTests
{
    private static readonly string Arrow = Path.Combine(Fixtures.Repository, "tests", "SkTuning.Tests.Data", "arrow.parquet");

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

    /// <summary>A file from DuckDB with one changed byte of its metadata, which the reader of Parquet.Net never finishes.</summary>
    private const string Hanging =
        "UEFSMRUCGTw1ABgNZHVja2RiX3NjaGVtYRUEABUMJQIYBHRleHQlAAAVDCUCGAVsYWJlbCUAABYAGQwo"
        + "KER1Y2tEQiB2ZXJzaW9uIHYxLjUuNiAoYnVpbGQgMDY5Y2M5ZjliNSkZLBwAABwABABqAAAAUEFSMQ==";

    [Fact(Timeout = 20_000)]
    public async Task Damaged_metadata_are_refused_without_being_read_to_the_end()
    {
        await Task.Run(() =>
        {
            using var file = new TemporaryFile(".parquet", Convert.FromBase64String(Hanging));
            Assert.StartsWith($"{file.Path}: found content that cannot be read as Parquet (its metadata is damaged: ", Error(() => RowFile.Load(file.Path)));
        }, TestContext.Current.CancellationToken);
    }

    [Fact]
    public void Any_damage_gives_rows_or_an_error_that_names_the_file()
    {
        var (bytes, random) = (File.ReadAllBytes(Arrow), new SkTuning.Data.Shuffler(3));
        var footer = BitConverter.ToInt32(bytes, bytes.Length - 8);
        for (var i = 0; i < 300; i++)
        {
            var damaged = (byte[])bytes.Clone();
            for (var edits = random.Next(3); edits >= 0; edits--)
            {
                var at = random.Next(2) == 0 ? bytes.Length - 8 - 1 - random.Next(footer) : random.Next(bytes.Length);
                damaged[at] = random.Next(3) switch { 0 => 0xFF, 1 => (byte)random.Next(256), _ => (byte)(damaged[at] ^ (1 << random.Next(8))) };
            }
            using var file = new TemporaryFile(".parquet", damaged);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                if (i % 2 == 0) RowFile.Load(file.Path, new() { LabelColumn = "labels", OnBadRow = _ => { } });
                else TokenRowFile.Load(file.Path, new() { TagsColumn = "ner", OnBadRow = _ => { } });
            }
            catch (SkTuningException e) { Assert.StartsWith(file.Path, e.Message); }
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100_000_000);
        }
    }

    [Fact]
    public async Task A_page_that_expands_to_far_more_than_data_do_is_refused()
    {
        using var file = new TemporaryFile(".parquet", "");
        var schema = new ParquetSchema(new DataField<string>("text"), new DataField<string>("label"));
        await using (var stream = File.Create(file.Path))
        await using (var writer = await ParquetWriter.CreateAsync(schema, stream, new ParquetOptions { CompressionMethod = CompressionMethod.Gzip },
            cancellationToken: TestContext.Current.CancellationToken))
        {
            using var group = writer.CreateRowGroup();
            await group.WriteAsync(schema.DataFields[0], Enumerable.Range(0, 1200).Select(i => i + new string('a', 60_000)).ToArray());
            await group.WriteAsync(schema.DataFields[1], Enumerable.Repeat("x", 1200).ToArray());
        }
        Assert.Contains("(a column is damaged: pages that expand to ", Error(() => RowFile.Stream(file.Path).First()));
        Assert.Equal("x", RowFile.StreamTexts(file.Path, new() { TextColumn = "label", LabelColumn = "none" }).First());
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
