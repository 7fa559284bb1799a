using System.Globalization;

namespace SkTuning.Tests.Data;

public sealed class RowTests
{
    [Fact]
    public void A_row_has_one_label_several_or_none()
    {
        Assert.Equal(["a"], new Row("t", "a").Labels);
        Assert.Empty(new Row("t", "").Labels);
        var several = new Row("t", ["b", "a"]);
        Assert.Equal("b|a", several.Label);
        Assert.Equal(["b", "a"], several.Labels);
        Assert.Equal(["c"], (several with { Label = "c" }).Labels);
        Assert.Equal("x|y", (several with { Labels = ["x", "y"] }).Label);
    }

    [Fact]
    public void Equality_ignores_the_line()
    {
        Assert.Equal(new Row("t", "a") { Line = 3 }, new Row("t", ["a"]));
        Assert.NotEqual(new Row("t", "a|b"), new Row("t", ["a", "b"]));
        Assert.NotEqual(new Row("t", "a"), new Row("t", "a") { Text2 = "" });
        Assert.NotEqual(new Row("t", "a"), new Row("t", "a") { Group = "g" });
    }

    [Fact]
    public void A_score_is_read_the_same_in_every_culture()
    {
        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new("de-DE");
            Assert.Equal(5.25, new Row("t", "5.250").Score());
            Assert.Equal("3.5", Rows.FromScored([3.5], _ => "t", s => s).Single().Label);
        }
        finally { CultureInfo.CurrentCulture = culture; }
        Assert.Equal("dev.tsv, line 7: the label is 'x', expected a number such as 3.5. Correct the row, or train a classifier if the labels are classes.",
            Assert.ThrowsAny<SkTuningException>(() => new Row("t", "x") { Line = 7 }.Score("dev.tsv")).Message);
        Assert.ThrowsAny<SkTuningException>(() => new Row("t", "NaN").Score());
        Assert.ThrowsAny<SkTuningException>(() => new Row("t", "5,250").Score());
    }

    [Theory]
    [InlineData(".tsv", "text\tlabel\nx\ta|b\ny\tb\nz\t\n")]
    [InlineData(".csv", "text,label\nx,a | b\ny,b\nz,\n")]
    [InlineData(".jsonl", "{\"text\":\"x\",\"label\":[\"a\",\"b\"]}\n{\"text\":\"y\",\"label\":\"b\"}\n{\"text\":\"z\",\"label\":[]}\n")]
    public void Several_labels_are_read_from_every_format(string extension, string content)
    {
        using var file = new TemporaryFile(extension, content);
        var rows = RowFile.Load(file.Path, new() { LabelSeparator = "|" });
        Assert.Equal([new("x", ["a", "b"]), new("y", "b"), new("z", [])], rows);
        Assert.Equal(["a", "b"], LabelSet.Of(rows));
        Assert.Equal([[true, true], [false, true], [false, false]], LabelSet.Of(rows).IndicatorsOf(rows));
        Assert.Equal("row 1: the labels 'a', 'b', expected one. Rows with any number of labels are for multi-label tasks.",
            Assert.ThrowsAny<SkTuningException>(() => LabelSet.Of(rows).IndicesOf(rows)).Message);
    }

    [Theory]
    [InlineData("x\ta|\n", "contains an empty label")]
    [InlineData("x\ta|a\n", "contains 'a' twice")]
    public void A_malformed_list_of_labels_is_a_bad_row(string row, string found)
    {
        using var file = new TemporaryFile(".tsv", "text\tlabel\n" + row);
        Assert.Contains(found, Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(file.Path, new() { LabelSeparator = "|" })).Message);
    }

    [Fact]
    public void Labels_are_mapped_and_a_label_without_an_entry_is_rejected()
    {
        using var file = new TemporaryFile(".tsv", "text\tlabel\nx\t0\ny\t1\nz\t2\n");
        var map = new Dictionary<string, string> { ["0"] = "no", ["1"] = "yes" };
        Assert.Equal(["no", "yes"], RowFile.Load(file.Path, new() { LabelMap = map, Limit = 2 }).Select(r => r.Label));
        Assert.Equal($"{file.Path}: 'line 4' is a row whose 'label' is '2', expected one of '0', '1'. Add every label of the file to the label map.",
            Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(file.Path, new() { LabelMap = map })).Message);
    }

    [Fact]
    public void Groups_and_lines_are_read()
    {
        using var csv = new TemporaryFile(".csv", "customer,text,label\n7,\"a\nb\",x\n8,c,y\n");
        var rows = RowFile.Load(csv.Path, new() { GroupColumn = "customer" });
        Assert.Equal([("7", 2L), ("8", 4L)], rows.Select(r => (r.Group!, r.Line)));
        using var jsonl = new TemporaryFile(".jsonl", "{\"text\":\"a\",\"label\":\"x\",\"customer\":7}\n");
        Assert.Equal("7", RowFile.Load(jsonl.Path, new() { GroupColumn = "customer" }).Single().Group);
        Assert.Contains("expected a column 'client'",
            Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(csv.Path, new() { GroupColumn = "client" })).Message);
    }

    [Fact]
    public async Task Objects_are_rows()
    {
        (string Body, string Topic, string? Title, string Who)[] tickets = [("where?", "delivery", "parcel", "a"), ("how much?", "price", null, "b")];
        Row[] expected = [new("where?", "delivery") { Text2 = "parcel", Group = "a" }, new("how much?", "price") { Group = "b" }];
        Assert.Equal(expected, Rows.From(tickets, t => t.Body, t => t.Topic, t => t.Title, t => t.Who));
        Assert.Equal([new("where?", ["delivery", "x"]), new Row("how much?", ["price", "x"])], Rows.FromSeveral(tickets, t => t.Body, t => [t.Topic, "x"]));
        var streamed = new List<Row>();
        await foreach (var row in Rows.FromAsync(tickets.ToAsyncEnumerable(), t => t.Body, t => t.Topic, t => t.Title, t => t.Who)) streamed.Add(row);
        Assert.Equal(expected, streamed);
        Assert.Equal("Row 2: a blank label, expected a label with a visible character.",
            Assert.ThrowsAny<SkTuningException>(() => Rows.From(tickets, t => t.Body, t => t.Who == "a" ? "x" : " ").ToList()).Message);
    }

    [Fact]
    public async Task A_stream_returns_every_row_before_the_bad_one_and_can_be_canceled()
    {
        using var file = new TemporaryFile(".tsv", "text\tlabel\n" + string.Concat(Enumerable.Range(0, 700).Select(i => $"{i}\tx\n")) + "bad\n");
        var texts = new List<string>();
        var error = await Assert.ThrowsAnyAsync<SkTuningException>(async () =>
        {
            await foreach (var row in RowFile.StreamAsync(file.Path)) texts.Add(row.Text);
        });
        Assert.Equal(Enumerable.Range(0, 700).Select(i => i.ToString(CultureInfo.InvariantCulture)), texts);
        Assert.Contains("'line 702'", error.Message);
        using var stop = new CancellationTokenSource();
        var read = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in RowFile.StreamAsync(file.Path, cancellationToken: stop.Token))
                if (++read == 10) stop.Cancel();
        });
        Assert.InRange(read, 10, 256);
    }

    [Fact]
    public void Bad_rows_go_to_a_side_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["rows.tsv"], "text\tlabel\na\tx\nb\nc\ty\n\"ü\"\n");
        var side = BadRowWriter.NameFor(folder["rows.tsv"]);
        using (var writer = new BadRowWriter(side))
        {
            Assert.Equal(2, RowFile.Load(folder["rows.tsv"], new() { OnBadRow = writer.Add }).Count);
            Assert.Equal(2, writer.Count);
        }
        var bad = RowFile.Load(side, new() { TextColumn = "content", LabelColumn = "line" });
        Assert.Equal([new("b", "3"), new("\"ü\"", "5")], bad);
        Assert.Contains("'line 3' is a row of 1 field", RowFile.Load(side, new() { TextColumn = "reason", LabelColumn = "line" })[0].Text);
        new BadRowWriter(side).Dispose();
        Assert.Empty(File.ReadAllText(side));
        new BadRowWriter(folder["rows.tsv"]).Dispose();
        Assert.NotEmpty(File.ReadAllText(folder["rows.tsv"]));
        using var same = new BadRowWriter(folder["rows.tsv"]);
        Assert.Contains("rows are read from this file",
            Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(folder["rows.tsv"], new() { OnBadRow = same.Add })).Message);
    }
}
