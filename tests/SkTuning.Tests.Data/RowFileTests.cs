using System.Text;

namespace SkTuning.Tests.Data;

public sealed class RowFileTests
{
    private static readonly Row[] Two = [new("a good film", "positive"), new("a bad one", "negative")];

    [Theory]
    [InlineData(".tsv", "text\tlabel\na good film\tpositive\na bad one\tnegative\n")]
    [InlineData(".tsv", "\uFEFFlabel\tid\ttext\r\npositive\t1\ta good film\r\nnegative\t2\ta bad one")]
    [InlineData(".TSV", "text\tlabel\n\na good film\tpositive\n\na bad one\tnegative\n\n\n")]
    [InlineData(".csv", "text,label\na good film,positive\na bad one,negative\n")]
    [InlineData(".csv", "\uFEFFid,\"label\",\"text\"\r\n1,positive,\"a good film\"\r\n\r\n2,negative,\"a bad one\"")]
    [InlineData(".jsonl", "{\"text\":\"a good film\",\"label\":\"positive\"}\n{\"label\":\"negative\",\"id\":[1,2],\"text\":\"a bad one\"}")]
    [InlineData(".jsonl", "\uFEFF{\"text\":\"a good film\",\"label\":\"positive\"}\r\n\r\n {\"label\":\"negative\",\"text\":\"\\u0061 bad one\"}\r\n\r\n")]
    public void Every_format_gives_the_same_rows(string extension, string content)
    {
        using var file = new TemporaryFile(extension, content);
        Assert.Equal(Two, RowFile.Load(file.Path));
        Assert.Equal(Two.Select(r => r.Text), RowFile.LoadTexts(file.Path));
        Assert.Equal(Two[..1], RowFile.Load(file.Path, new() { Limit = 1 }));
        Assert.Equal(Two, RowFile.Stream(file.Path, new() { Limit = 3 }));
    }

    [Theory]
    [InlineData(".tsv", "text\ttext2\tlabel\nA \"quoted\" word, and one\tB\t5.000\n", "A \"quoted\" word, and one", "B", "5.000")]
    [InlineData(".csv", "text,text2,label\n\"A \"\"quoted\"\" word, and\r\na line\",,5.000\n", "A \"quoted\" word, and\r\na line", "", "5.000")]
    [InlineData(".jsonl", "{\"text\":\"A\\tB\\nC\",\"text2\":\"\",\"label\":5.000}", "A\tB\nC", "", "5")]
    [InlineData(".jsonl", "{\"text\":\"A\",\"text2\":null,\"label\":-1e3}", "A", null, "-1000")]
    [InlineData(".tsv", "text\tlabel\n\tempty\n", "", null, "empty")]
    [InlineData(".csv", "text,label\n\"\",empty\n", "", null, "empty")]
    [InlineData(".tsv", "text\tlabel\nline\u2028separator\u0085\vand\rreturn \tx\n", "line\u2028separator\u0085\vand\rreturn ", null, "x")]
    public void Pairs_empty_texts_and_unusual_characters_are_preserved(string extension, string content, string text, string? text2, string label)
    {
        using var file = new TemporaryFile(extension, content);
        Assert.Equal(new Row(text, label) { Text2 = text2 }, Assert.Single(RowFile.Load(file.Path)));
    }

    [Theory]
    [InlineData("text;label\na, b;x\n", true)]
    [InlineData("\uFEFF\"text\";\"label\"\r\n\"a, b\";x\r\n", true)]
    [InlineData("text\tlabel\na, b\tx\n", true)]
    [InlineData("label|id|text\nx|1|a, b\n", true)]
    [InlineData("a, b;x\n", null)]
    public void The_separator_of_a_csv_file_is_found_from_its_first_line(string content, bool? hasHeader)
    {
        using var file = new TemporaryFile(".csv", content);
        var options = new RowFileOptions { HasHeader = hasHeader ?? false, FieldSeparator = hasHeader is null ? ';' : null };
        Assert.Equal([new Row("a, b", "x")], RowFile.Load(file.Path, options));
        Assert.Equal(["a, b"], RowFile.LoadTexts(file.Path, options));
    }

    [Fact]
    public void A_separator_can_be_named_and_messages_name_the_option()
    {
        using var file = new TemporaryFile(".csv", "text~label\na;b,c~x\n");
        Assert.Equal([new Row("a;b,c", "x")], RowFile.Load(file.Path, new() { FieldSeparator = '~' }));
        var message = Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(file.Path)).Message;
        Assert.EndsWith("HasHeader = false if the first line is a row. "
            + "Fields are separated by a comma: name another separator with the option FieldSeparator.", message);
        Assert.Contains("FieldSeparator is 'a'", Assert.ThrowsAny<SkTuningException>(() => RowFile.Stream("a.csv", new() { FieldSeparator = 'a' })).Message);
        using var comma = new TemporaryFile(".csv", "text;label\na;0,5\n");
        Assert.Contains("with a decimal point", Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(comma.Path, new() { HasNumericLabels = true })).Message);
    }

    [Theory]
    [InlineData(".tsv", "text\tlabel\na\tx\n")]
    [InlineData(".csv", "text,label\na,x\n")]
    [InlineData(".jsonl", "{}\n")]
    [InlineData(".conll", "a O\n")]
    [InlineData(".txt", "some text\n")]
    public void Other_encodings_are_named(string extension, string content)
    {
        (string, Encoding, bool)[] encodings =
        [
            ("UTF-16", Encoding.Unicode, true), ("UTF-16", Encoding.BigEndianUnicode, false), ("UTF-16", Encoding.Unicode, false),
            ("UTF-32", Encoding.UTF32, true),
        ];
        foreach (var (name, encoding, mark) in encodings)
        {
            using var file = new TemporaryFile(extension, [.. mark ? encoding.Preamble : [], .. encoding.GetBytes(content)]);
            var message = Assert.ThrowsAny<SkTuningException>(
                () => { if (extension == ".conll") TokenRowFile.Load(file.Path); else RowFile.LoadTexts(file.Path); }).Message;
            Assert.Equal($"{file.Path}: found {name} text, expected UTF-8 text. Save the file as UTF-8.", message);
        }
    }

    [Theory]
    [InlineData(".tsv")]
    [InlineData(".csv")]
    [InlineData(".jsonl")]
    [InlineData(".parquet")]
    [InlineData(".txt")]
    public void A_pointer_of_git_lfs_is_named(string extension)
    {
        using var file = new TemporaryFile(extension, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 17\n");
        Assert.Equal($"{file.Path}: found a Git LFS pointer: the file itself was not downloaded, expected the file itself. Run 'git lfs pull'.",
            Assert.ThrowsAny<SkTuningException>(() => RowFile.LoadTexts(file.Path)).Message);
    }

    [Fact]
    public void A_web_page_is_refused_but_texts_can_be_those_of_web_pages()
    {
        using var page = new TemporaryFile(".tsv", "<!DOCTYPE html>\n<html></html>\n");
        Assert.Contains("found a web page", Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(page.Path)).Message);
        using var texts = new TemporaryFile(".txt", "<html>\n");
        Assert.Equal(["<html>"], RowFile.LoadTexts(texts.Path));
        using var rows = new TemporaryFile(".tsv", "<html>\tx\n");
        Assert.Equal([new Row("<html>", "x")], RowFile.Load(rows.Path, new() { HasHeader = false }));
    }

    [Fact]
    public void A_stream_is_read_line_by_line_like_a_file_of_texts()
    {
        using var stream = new MemoryStream([.. "\uFEFFone\r\n\nthr\ree\n"u8, 0xFF, .. "\nfive"u8]);
        var bad = new List<BadRow>();
        var rows = RowFile.StreamLines(stream, "stdin", new() { OnBadRow = bad.Add }).ToList();
        Assert.Equal(["one", "", "thr\ree", "five"], rows.Select(r => r.Text));
        Assert.Equal([1L, 2, 3, 5], rows.Select(r => r.Line));
        Assert.Equal("stdin: 'line 4' is not UTF-8 (byte FF at 1), expected UTF-8 text. Save the file as UTF-8.", Assert.Single(bad).Reason);
        Assert.Single(RowFile.StreamLines(new MemoryStream("a\nb\n"u8.ToArray()), "stdin", new() { Limit = 1 }));
        Assert.ThrowsAny<SkTuningException>(() => RowFile.StreamLines(new MemoryStream([0xFF, 0xFE, 65, 0]), "stdin", new()).Count());
    }

    [Fact]
    public void Columns_are_found_by_the_names_in_the_options()
    {
        using var file = new TemporaryFile(".tsv", "text\tstars\treview\tlabel\nno\t5\tyes\tno\n");
        var options = new RowFileOptions { TextColumn = "review", LabelColumn = "stars" };
        Assert.Equal([new Row("yes", "5")], RowFile.Load(file.Path, options));
    }

    [Theory]
    [InlineData(".tsv", "a\tx\nb\ty", null)]
    [InlineData(".csv", "a,2,x\nb,2,y", "2")]
    public void Without_a_header_columns_are_identified_by_position(string extension, string content, string? second)
    {
        using var file = new TemporaryFile(extension, content);
        Row[] expected = [new("a", "x") { Text2 = second }, new("b", "y") { Text2 = second }];
        Assert.Equal(expected, RowFile.Load(file.Path, new() { HasHeader = false }));
    }

    [Theory]
    [InlineData(".txt", "one\n\nthree\n")]
    [InlineData(".txt", "\uFEFFone\r\n\r\nthree")]
    [InlineData(".tsv", "text\none\n\nthree\n")]
    [InlineData(".csv", "text\none\n\nthree\n")]
    public void A_blank_line_is_an_empty_text_if_the_text_is_the_only_column(string extension, string content)
    {
        using var file = new TemporaryFile(extension, content);
        Assert.Equal(["one", "", "three"], RowFile.LoadTexts(file.Path));
    }

    [Theory]
    [InlineData(".tsv", "text\tlabel\na\tx\nb\n",
        "'line 3' is a row of 1 field, expected 2, as in the header. Fields are separated by single tabs and cannot contain tabs.")]
    [InlineData(".tsv", "text\tlabel\na\tb\tx\n",
        "'line 2' is a row of 3 fields, expected 2, as in the header. Fields are separated by single tabs and cannot contain tabs.")]
    [InlineData(".tsv", "text\tlabel\n\na\t \n", "'line 3' is a row whose 'label' is empty, expected a label.")]
    [InlineData(".tsv", "", "found an empty file, expected a first line that names the columns ('text', 'label').")]
    [InlineData(".tsv", "sentence\tlabel\na\tx\n",
        "'line 1' is a header with 'sentence', 'label', expected a column 'text'. "
            + "Name the column with the option TextColumn, or set HasHeader = false if the first line is a row.")]
    [InlineData(".tsv", "text\tText\nx\ty\n",
        "'line 1' is a header with 'text', 'Text', expected a column 'label'. "
            + "Name the column with the option LabelColumn, or set HasHeader = false if the first line is a row.")]
    [InlineData(".csv", "text,label,text\nx,y,z\n", "'line 1' is a header with two columns named 'text', expected unique names.")]
    [InlineData(".csv", "text,label\n\"two\nlines\",x\n\nb\n",
        "'line 5' is a row of 1 field, expected 2, as in the header. Quote every field that contains a comma, a quote, or a line break.")]
    [InlineData(".csv", "text,label\na,x\nb \"quoted\",y\n",
        "'line 3' is a row with a misplaced quote, expected quotes around whole fields, and doubled quotes within them.")]
    [InlineData(".csv", "text,label\na,x\nb,\"y\nc,z\n",
        "'line 3' is a row with a misplaced quote, expected quotes around whole fields, and doubled quotes within them.")]
    [InlineData(".jsonl", "{\"text\":\"a\",\"label\":\"x\"}\n{\"text\":\"b\"}\n",
        "'line 2' is a row without 'label', expected this key in every row. Name another key with the option LabelColumn.")]
    [InlineData(".jsonl", "{\"label\":\"x\"}\n",
        "'line 1' is a row without 'text', expected this key in every row. Name another key with the option TextColumn.")]
    [InlineData(".jsonl", "{\"text\":1,\"label\":\"x\"}\n", "'line 1' is a row whose 'text' is a number, expected a string.")]
    [InlineData(".jsonl", "{\"text\":\"a\",\"label\":1e999}\n", "'line 1' is a row whose 'label' is 1e999, expected a finite number.")]
    [InlineData(".jsonl", "{\"text\":\"a\",\"label\":null}\n", "'line 1' is a row whose 'label' is null, expected a string, a number, or a boolean.")]
    [InlineData(".jsonl", "{\"text\":\"a\",\"label\":\"\"}\n", "'line 1' is a row whose 'label' is empty, expected a label.")]
    [InlineData(".jsonl", "[\"a\",\"x\"]\n",
        "'line 1' is an array, expected an object such as {\"text\": \"...\", \"label\": \"...\"}. Write one object per line.")]
    [InlineData(".jsonl", "{\"text\":\"\\ud800\",\"label\":\"x\"}\n", "'line 1' is a string with an invalid escape, expected Unicode text.")]
    public void A_malformed_row_is_reported_with_its_line(string extension, string content, string message)
    {
        using var file = new TemporaryFile(extension, content);
        var error = Assert.Throws<SkTuningFileException>(() => RowFile.Load(file.Path));
        Assert.Equal($"{file.Path}: {message}", error.Message);
        Assert.Equal(file.Path, error.File);
    }

    [Theory]
    [InlineData("{\"text\":\"a\",\"label\":\"x\"\n")]
    [InlineData("{\"text\":\"a\",\"text\":\"b\",\"label\":\"x\"}\n")]
    [InlineData("{\"text\":\"a\",\"label\":\"x\"} {\"text\":\"b\",\"label\":\"y\"}\n")]
    [InlineData("a\tx\n")]
    public void A_line_that_is_not_one_json_object_is_reported(string content)
    {
        using var file = new TemporaryFile(".jsonl", content);
        var message = Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(file.Path)).Message;
        Assert.StartsWith($"{file.Path}: 'line 1' is not valid JSON", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData(".tsv", "text\tlabel\na\tx\n*\tx\n")]
    [InlineData(".csv", "text,label\na,x\n*,x\n")]
    [InlineData(".jsonl", "{\"text\":\"a\",\"label\":\"x\"}\n\n{\"text\":\"*\",\"label\":\"x\"}\n")]
    public void Bytes_that_are_not_utf8_are_rejected_with_their_line(string extension, string content)
    {
        using var file = new TemporaryFile(extension, Encoding.Latin1.GetBytes(content.Replace('*', 'ü')));
        var error = Assert.Throws<SkTuningFileException>(() => RowFile.Load(file.Path));
        Assert.StartsWith($"{file.Path}: 'line 3' is not UTF-8 (byte FC", error.Message, StringComparison.Ordinal);
        Assert.Equal("line 3", error.Key);
        using var utf16 = new TemporaryFile(extension, [0xFF, 0xFE, .. Encoding.Unicode.GetBytes(content)]);
        Assert.Contains("found UTF-16 text, expected UTF-8 text", Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(utf16.Path)).Message);
    }

    [Fact]
    public void Bad_rows_are_reported_and_skipped_on_request()
    {
        using var file = new TemporaryFile(".tsv", [.. "text\tlabel\na\tx\nb\nc\ty\n"u8, 0xFF, .. "\tz\nd\tz\n"u8]);
        var bad = new List<BadRow>();
        var rows = RowFile.Load(file.Path, new() { OnBadRow = bad.Add, Limit = 3 });
        Assert.Equal(["a", "c", "d"], rows.Select(r => r.Text));
        Assert.Equal([(3L, "b"), (5L, "\uFFFD\tz")], bad.Select(b => (b.Line, b.Content)));
        Assert.Contains("a row of 1 field, expected 2", bad[0].Reason);
    }

    [Fact]
    public void Bad_rows_of_csv_and_jsonl_are_skipped_too()
    {
        using var csv = new TemporaryFile(".csv", "text,label\n\"a\n\",x\nb \"q\" b,y\nc\nd,z\n");
        var bad = new List<BadRow>();
        Assert.Equal(["a\n", "d"], RowFile.Load(csv.Path, new() { OnBadRow = bad.Add }).Select(r => r.Text));
        Assert.Equal([(4L, "b \"q\" b,y"), (5L, "c")], bad.Select(b => (b.Line, b.Content)));
        using var jsonl = new TemporaryFile(".jsonl", "{}\n{\"text\":\"d\",\"label\":\"z\"}\n");
        bad.Clear();
        Assert.Equal([new Row("d", "z")], RowFile.Load(jsonl.Path, new() { OnBadRow = bad.Add }));
        Assert.Equal("{}", Assert.Single(bad).Content);
    }

    [Theory]
    [InlineData("rows.xlsx", "the extension '.xlsx'")]
    [InlineData("rows", "a name without an extension")]
    [InlineData("rows.txt", "a .txt file, which has no labels")]
    public void An_unknown_format_is_rejected_before_the_file_is_opened(string name, string found)
        => Assert.Equal(found, Assert.Throws<SkTuningFileException>(() => RowFile.Stream(name)).Found);

    [Fact]
    public void A_missing_file_and_a_folder_are_rejected_by_name()
    {
        Assert.Equal("no-such-folder/rows.tsv: does not exist, expected a file. Check the path.",
            Assert.ThrowsAny<SkTuningException>(() => RowFile.Load("no-such-folder/rows.tsv")).Message);
        var folder = Directory.CreateTempSubdirectory();
        var path = folder.FullName + ".tsv";
        folder.MoveTo(path);
        Assert.StartsWith(path, Assert.ThrowsAny<SkTuningException>(() => RowFile.Load(path)).Message, StringComparison.Ordinal);
        Directory.Delete(path);
    }

    [Fact]
    public void Options_out_of_range_are_rejected_by_name()
    {
        Assert.Contains("Limit is 0", Assert.ThrowsAny<SkTuningException>(() => RowFile.Stream("a.tsv", new() { Limit = 0 })).Message);
        Assert.Contains("TextColumn is empty", Assert.ThrowsAny<SkTuningException>(() => RowFile.Stream("a.tsv", new() { TextColumn = "" })).Message);
        Assert.Contains("three different names", Assert.ThrowsAny<SkTuningException>(() => RowFile.Stream("a.tsv", new() { LabelColumn = "text" })).Message);
    }

    [Theory]
    [InlineData(".tsv", "text\tlabel\n")]
    [InlineData(".csv", "text,label\n\"")]
    public void A_record_without_an_end_does_not_fill_the_memory(string extension, string start)
    {
        using var file = new TemporaryFile(extension, start);
        using (var stream = File.OpenWrite(file.Path))
        {
            stream.Seek(0, SeekOrigin.End);
            var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(extension == ".csv" ? "words, words\n" : "words, words ", 80_000)));
            for (var i = 0; i < 40; i++) stream.Write(block);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        var message = Assert.ThrowsAny<SkTuningException>(() => RowFile.Stream(file.Path).Count()).Message;
        Assert.Contains("'line 2'", message);
        Assert.Contains("16 Mi", message);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 400_000_000);
    }

    [Fact]
    public void Long_lines_and_many_rows_stream_through_a_small_buffer()
    {
        string Text(int i) => new string((char)('a' + i % 26), i * 37 % 1000) + (i == 1500 ? new string('é', 200_000) : "");
        var rows = Enumerable.Range(0, 3000).Select(i => new Row(Text(i), $"l{i % 7}")).ToList();
        using var tsv = new TemporaryFile(".tsv", "text\tlabel\n" + string.Concat(rows.Select(r => $"{r.Text}\t{r.Label}\n")));
        using var csv = new TemporaryFile(".csv", "text,label\n" + string.Concat(rows.Select(r => $"\"{r.Text}\",{r.Label}\r\n")));
        Assert.Equal(rows, RowFile.Stream(tsv.Path));
        Assert.Equal(rows, RowFile.Stream(csv.Path));
    }

    [Fact]
    public void The_available_data_sets_are_read_completely()
    {
        Fixtures.SkipWithout(Path.Combine(Fixtures.Shared, "data"));
        foreach (var path in Directory.GetFiles(Path.Combine(Fixtures.Shared, "data"), "*.tsv", SearchOption.AllDirectories))
        {
            if (!File.ReadLines(path).First().StartsWith("text\t", StringComparison.Ordinal)) continue;   // token sets
            Assert.Equal(File.ReadLines(path).Count() - 1, RowFile.Stream(path).Count());
        }
    }
}
