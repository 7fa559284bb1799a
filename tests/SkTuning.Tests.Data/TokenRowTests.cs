namespace SkTuning.Tests.Data;

public sealed class TokenRowTests
{
    [Fact]
    public void No_break_spaces_do_not_separate_columns()
    {
        using var file = new TemporaryFile(".conll", "10\u00a0000 B-NUM\nkm\u2009h O\n\n\u00a0\tO\nx\tO\n");
        Assert.Equal([new(["10\u00a0000", "km\u2009h"], ["B-NUM", "O"]), new(["\u00a0", "x"], ["O", "O"])], TokenRowFile.Load(file.Path));
    }

    [Fact]
    public void Columns_comments_and_document_marks_are_read_as_in_conll()
    {
        using var file = new TemporaryFile(".conll", "-DOCSTART- -X- -X- O\n\n# sent_id = 1\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\n\n\n"
            + "# sent_id = 2\n# text = Peter\nPeter NNP B-NP B-PER\n");
        Assert.Equal([new(["EU", "rejects"], ["B-ORG", "O"]), new(["Peter"], ["B-PER"])], TokenRowFile.Load(file.Path));
        Assert.Equal([4L, 10L], TokenRowFile.Load(file.Path).Select(r => r.Line));
        Assert.Equal(["NNP", "VBZ"], TokenRowFile.Load(file.Path, new() { TagColumn = 1 })[0].Tags);
        Assert.Single(TokenRowFile.Load(file.Path, new() { Limit = 1 }));
        using var spaced = new TemporaryFile(".conll", "#one O\n\nat O\n# O\n#two O\n");
        Assert.Equal([new(["at", "#", "#two"], ["O", "O", "O"])], TokenRowFile.Load(spaced.Path));
    }

    [Fact]
    public void Hashtags_are_tokens()
    {
        using var file = new TemporaryFile(".tsv", "#happy\tO\nin\tO\n#Rome\tB-LOC\n\n# a comment\n# comment\n#\tO\r\n#one\tO\r\n\r\n");
        Assert.Equal([new(["#happy", "in", "#Rome"], ["O", "O", "B-LOC"]), new(["#", "#one"], ["O", "O"])], TokenRowFile.Load(file.Path));
    }

    [Fact]
    public void A_bad_sentence_is_reported_and_the_next_one_read()
    {
        using var file = new TemporaryFile(".tsv", "a\tO\nb\nc\tO\n\nd\tO\n\ne\t\n");
        Assert.StartsWith($"{file.Path}: 'line 2' is a line of 1 column, expected 2, as in the first line.",
            Assert.ThrowsAny<SkTuningException>(() => TokenRowFile.Load(file.Path)).Message);
        var bad = new List<BadRow>();
        Assert.Equal([new(["d"], ["O"])], TokenRowFile.Load(file.Path, new() { OnBadRow = bad.Add }));
        Assert.Equal([(1L, "a\tO\nb\nc\tO"), (7L, "e\t")], bad.Select(b => (b.Line, b.Content)));
        Assert.Contains("a row with an empty tag", bad[1].Reason);
    }

    [Theory]
    [InlineData("wnut17", 1009)]
    [InlineData("ncbi_disease", 923)]
    [InlineData("wikiann_en", 0)]
    public void The_available_token_sets_are_read_completely(string set, int dev)
    {
        var path = Path.Combine(Fixtures.Shared, "data", set, "dev.tsv");
        Fixtures.SkipWithout(path);
        var rows = TokenRowFile.Load(path);
        Assert.Equal(File.ReadLines(path).Count(l => l.Length > 0), rows.Sum(r => r.Words.Count));
        if (dev > 0) Assert.Equal(dev, rows.Count);
        Assert.Contains(rows, r => r.Spans().Count > 0);
    }

    [Fact]
    public void Spans_of_a_text_become_tags_of_words_and_spans_again()
    {
        var text = "Dr. Ada Lovelace-King lives in 東京 (Tokyo)!";
        CharSpan[] spans = [new(text.IndexOf("Tokyo"), text.IndexOf("Tokyo") + 5, "LOC"), new(4, 16, "PER")];
        var row = TokenRow.FromSpans(text, spans);
        Assert.Equal(["Dr", ".", "Ada", "Lovelace", "-", "King", "lives", "in", "東京", "(", "Tokyo", ")", "!"], row.Words);
        Assert.Equal(["O", "O", "B-PER", "I-PER", "O", "O", "O", "O", "O", "O", "B-LOC", "O", "O"], row.Tags);
        Assert.Equal(spans.Reverse(), row.Spans());
        Assert.All(row.Words.Zip(row.Offsets), w => Assert.Equal(w.First, text[w.Second.Start..w.Second.End]));
        Assert.Equal(["Pre", "fix"], TokenRow.FromSpans("Prefix", [new(3, 6, "X")]).Words);
        Assert.Equal([new(5, 13, "PER")], new TokenRow(["is", "x", "Ada", "King"], ["O", "O", "B-PER", "I-PER"]).Spans());
        var predicted = TokenRow.FromText("Ada 👩🏽‍🚀 flies").WithTags(["B-PER", "O", "O", "O", "O", "O"]);
        Assert.Equal(new CharSpan(0, 3, "PER"), Assert.Single(predicted.Spans()));
    }

    [Theory]
    [InlineData(0, 99, "X", "is outside of the text")]
    [InlineData(2, 2, "X", "is outside of the text")]
    [InlineData(-1, 2, "X", "is outside of the text")]
    [InlineData(0, 1, " ", "has no label")]
    [InlineData(3, 4, "X", "contains only white space")]
    [InlineData(2, 4, "X", "overlaps the span 0 to 3")]
    [InlineData(4, 5, "X", "splits a character")]
    public void An_invalid_span_is_rejected(int start, int end, string label, string why)
    {
        CharSpan[] spans = why.StartsWith("overlaps") ? [new(0, 3, "A"), new(start, end, label)] : [new(start, end, label)];
        Assert.Contains(why, Assert.ThrowsAny<SkTuningException>(() => TokenRow.FromSpans("Ada 😀 flies", spans)).Message);
    }

    [Fact]
    public void Jsonl_contains_words_with_tags_or_texts_with_spans()
    {
        using var file = new TemporaryFile(".jsonl", """
            {"tokens":["Ada","flies"],"tags":["B-PER","O"]}
            {"text":"😀 Ada flies","spans":[{"start":3,"end":6,"label":"PER","id":1}]}
            {"text":"none here","spans":[]}
            """);
        var rows = TokenRowFile.Load(file.Path);
        Assert.Equal(new TokenRow(["Ada", "flies"], ["B-PER", "O"]), rows[0]);
        Assert.Equal(["😀", "Ada", "flies"], rows[1].Words);
        Assert.Equal(["O", "B-PER", "O"], rows[1].Tags);
        Assert.Equal(["O", "O"], rows[2].Tags);
        Assert.Equal([1L, 2, 3], rows.Select(r => r.Line));
        using var python = new TemporaryFile(".jsonl", """{"text":"😀 Ada flies","spans":[{"start":2,"end":5,"label":"PER"}]}""");
        Assert.Equal(rows[1], TokenRowFile.Load(python.Path, new() { OffsetsInCodePoints = true }).Single());
    }

    [Theory]
    [InlineData("{\"tokens\":[\"a\"],\"tags\":[]}", "a row of 1 words and 0 tags")]
    [InlineData("{\"tokens\":[\"a\"]}", "a row without 'tags'")]
    [InlineData("{\"words\":[\"a\"]}", "a row without 'tokens' and 'text'")]
    [InlineData("{\"text\":\"a b\",\"spans\":[{\"start\":0,\"end\":9,\"label\":\"X\"}]}", "is outside of the text")]
    [InlineData("{\"text\":\"a b\",\"spans\":[{\"start\":0.5,\"end\":1,\"label\":\"X\"}]}", "whose 'start' is 0.5")]
    [InlineData("{\"text\":\" \",\"spans\":[]}", "the text has no words")]
    public void A_malformed_row_is_reported(string line, string found)
    {
        using var file = new TemporaryFile(".jsonl", line);
        var error = Assert.ThrowsAny<SkTuningException>(() => TokenRowFile.Load(file.Path));
        Assert.StartsWith($"{file.Path}: 'line 1' is ", error.Message);
        Assert.Contains(found, error.Message);
    }

    [Fact]
    public void Rows_of_texts_and_rows_of_words_are_not_confused()
    {
        Assert.Contains("TokenRowFile", Assert.ThrowsAny<SkTuningException>(() => RowFile.Load("a.conll")).Message);
        Assert.Contains("'.csv'", Assert.ThrowsAny<SkTuningException>(() => TokenRowFile.Load("a.csv")).Message);
        Assert.Contains("2 tags for 1 words", Assert.ThrowsAny<SkTuningException>(() => new TokenRow(["a"], ["O", "O"])).Message);
    }
}
