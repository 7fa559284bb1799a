using System.Text.Json.Nodes;
using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Truncation, padding, words, pairs and the other members of TextTokenizer. The expected ids are the reference library's.</summary>
public sealed class OptionTests
{
    private const string Fox = "The quick brown fox jumps over the lazy dog.";
    private const string Hello = "Hello world, how are you?";

    private static TextTokenizer Bert { get; } = TextTokenizer.LoadJson(TokenizerFixture.Style("style-bert-uncased"));

    [Theory]
    [InlineData(8, PairTruncation.LongestFirst, TextSide.Right, false, "2 420 1170 861 865 722 45 3")]
    [InlineData(8, PairTruncation.LongestFirst, TextSide.Left, false, "2 748 287 257 1100 269 18 3")]
    [InlineData(12, PairTruncation.LongestFirst, TextSide.Right, true, "2 420 1170 861 865 722 3 1270 1065 869 16 3")]
    [InlineData(13, PairTruncation.LongestFirst, TextSide.Left, true, "2 287 257 1100 269 18 3 1002 579 64 445 35 3")]
    [InlineData(20, PairTruncation.LongestFirst, TextSide.Right, true, "2 420 1170 861 865 722 45 258 282 1121 3 1270 1065 869 16 1002 579 64 445 3")]
    [InlineData(24, PairTruncation.OnlyFirst, TextSide.Right, true, "2 420 1170 861 865 722 45 258 282 1121 687 264 824 3 1270 1065 "
        + "869 16 1002 579 64 445 35 3")]
    [InlineData(26, PairTruncation.OnlySecond, TextSide.Left, true,
        "2 420 1170 861 865 722 45 258 282 1121 687 264 824 420 748 287 257 1100 269 18 3 579 64 445 35 3")]
    [InlineData(2, PairTruncation.LongestFirst, TextSide.Right, false, "2 3")]
    [InlineData(3, PairTruncation.LongestFirst, TextSide.Right, true, "2 3 3")]
    public void Truncation_matches_the_reference(int maxLength, PairTruncation truncation, TextSide side, bool pair, string expected)
    {
        var encoding = Bert.Encode(Fox, pair ? Hello : null, new() { MaxLength = maxLength, Truncation = truncation, TruncationSide = side });
        Assert.Equal(expected, string.Join(' ', encoding.Ids));
        Assert.Equal(encoding.Ids.Count, encoding.Offsets.Count);
    }

    [Fact]
    public void Padding_is_added_to_the_chosen_side_and_masked()
    {
        var encoding = Bert.Encode("Hello world", options: new() { PadTo = 20, PaddingSide = TextSide.Left, PadId = 0 });
        Assert.Equal("0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 2 1270 1065 869 3", string.Join(' ', encoding.Ids));
        Assert.Equal("0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 1 1 1 1 1", string.Join(' ', encoding.AttentionMask));
        Assert.Equal("1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 0 0 0 1", string.Join(' ', encoding.SpecialTokensMask));
        Assert.Equal(16, Bert.Encode("Hello world", options: new() { PadToMultipleOf = 8, PadId = 0, PadTo = 9 }).Ids.Count);
    }

    [Fact]
    public void Impossible_lengths_are_rejected_with_the_option_named()
    {
        Assert.Equal("EncodeOptions.MaxLength is 1, expected at least 2: the tokenizer adds this many special tokens.", Refused(new() { MaxLength = 1 }));
        Assert.Equal(
            "EncodeOptions.Truncation is OnlySecond, but there is no second text.",
            Refused(new() { MaxLength = 4, Truncation = PairTruncation.OnlySecond }));
        Assert.Equal("EncodeOptions.PadToMultipleOf is 0, expected 1 or more.", Refused(new() { PadToMultipleOf = 0 }));
        Assert.Equal("The tokenizer's files name no padding token. Set EncodeOptions.PadId.", Refused(new() { PadTo = 100 }));
        Assert.StartsWith("EncodeOptions asks for padding to 2147483647 tokens", Refused(new() { PadTo = int.MaxValue, PadId = 0 }));

        static string Refused(EncodeOptions options) => Assert.ThrowsAny<SkTuningException>(() => Bert.Encode(Fox, options: options)).Message;
    }

    [Fact]
    public void Words_give_the_ids_of_the_joined_text_if_the_pipeline_splits_between_them()
    {
        string[] words = ["The", "na\u00EFve", "fox", ",", "jumps", "."];
        var encoding = Bert.EncodeWords(words);
        Assert.Equal(Bert.EncodeIds("The na\u00EFve fox , jumps ."), encoding.Ids);
        for (var i = 0; i < encoding.Ids.Count; i++)
            if (encoding.WordIds[i] is { } word) Assert.InRange(encoding.Offsets[i].End, 1, words[word].Length);
        Assert.Equal(Enumerable.Range(0, words.Length), encoding.WordIds.OfType<int>().Distinct());
    }

    [Fact]
    public void The_encoding_of_a_pair_has_the_text_of_each_token()
    {
        var encoding = Bert.Encode("a", "b c");
        Assert.Equal<int?>([null, 0, null, 1, 1, null], encoding.SequenceIds);
        Assert.Equal<int?>([null, 0, null, 0, 1, null], encoding.WordIds);
        Assert.Equal([0, 0, 0, 1, 1, 1], encoding.TypeIds);
    }

    [Fact]
    public void Prefix_and_suffix_are_the_special_tokens_around_a_text()
    {
        Assert.Equal([2], Bert.PrefixSpecialIds);
        Assert.Equal([3], Bert.SuffixSpecialIds);
        Assert.Equal([.. Bert.PrefixSpecialIds, .. Bert.EncodeIds(Fox, addSpecialTokens: false), .. Bert.SuffixSpecialIds], Bert.EncodeIds(Fox));
        var list = new List<int> { 7 };
        Bert.AppendIds(Fox, list);
        Assert.Equal([7, .. Bert.EncodeIds(Fox)], list);
    }

    [Fact]
    public void Settings_of_the_file_are_returned_and_not_applied()
    {
        var minilm = Path.Combine(Fixtures.Shared, "models", "minilm");
        Fixtures.SkipWithout(minilm);
        var tokenizer = TextTokenizer.Load(minilm);
        Assert.Equal((128, 128, 0), (tokenizer.FileOptions.MaxLength, tokenizer.FileOptions.PadTo, tokenizer.FileOptions.PadId));
        Assert.Equal(4, tokenizer.Encode("hello world").Ids.Count);
        Assert.Equal(128, tokenizer.Encode("hello world", options: tokenizer.FileOptions).Ids.Count);
        Assert.Equal((101, 102, 0, 100, 103), (tokenizer.ClsId, tokenizer.SepId, tokenizer.PadId, tokenizer.UnkId, tokenizer.MaskId));
    }

    [Theory]
    [InlineData("{\"direction\": \"Right\", \"max_length\": 8, \"strategy\": \"OnlySecond\", \"stride\": 16}", 8)]
    [InlineData("{\"direction\": \"Left\", \"max_length\": 12, \"strategy\": \"LongestFirst\", \"stride\": 4294967296}", 12)]
    [InlineData("{\"max_length\": 8, \"strategy\": \"DoNotTruncate\"}", null)]
    [InlineData("{\"direction\": \"Up\", \"max_length\": -8, \"strategy\": 3}", null)]
    [InlineData("5", null)]
    public void Truncation_that_is_not_applied_never_refuses_a_file(string truncation, int? maxLength)
    {
        using var folder = new TemporaryFolder();
        foreach (var padding in new[] { "null", "{\"strategy\": \"Longest\", \"other\": 1}" })
        {
            var file = folder["tokenizer.json"];
            var root = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style("style-bert-uncased")))!;
            (root["truncation"], root["padding"]) = (JsonNode.Parse(truncation), JsonNode.Parse(padding));
            File.WriteAllText(file, root.ToJsonString());
            var tokenizer = TextTokenizer.Load(folder.Path);
            Assert.Equal(Bert.EncodeIds(Fox), tokenizer.EncodeIds(Fox));
            Assert.Equal(Bert.Fingerprint, tokenizer.Fingerprint);
            if (maxLength is { } max && padding == "null") Assert.Equal(max, tokenizer.FileOptions.MaxLength);
            else Assert.StartsWith($"{file}: ", Assert.Throws<SkTuningFileException>(() => tokenizer.FileOptions).Message);
        }
    }

    [Fact]
    public void A_template_that_is_only_for_single_texts_is_refused_for_pairs()
    {
        using var folder = new TemporaryFolder();
        var root = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style("style-bert-uncased")))!;
        root["post_processor"]!["pair"] = root["post_processor"]!["single"]!.DeepClone();
        File.WriteAllText(folder["tokenizer.json"], root.ToJsonString());
        var tokenizer = TextTokenizer.Load(folder.Path);
        Assert.Equal(Bert.EncodeIds(Fox), tokenizer.Encode(Fox).Ids);
        var fault = Assert.Throws<SkTuningFileException>(() => tokenizer.Encode(Fox, Hello));
        Assert.Contains("'post_processor.pair' is a template with text B 0 times", fault.Message);
    }

    [Fact]
    public void The_members_of_the_base_class_give_the_ids_without_special_tokens()
    {
        Microsoft.ML.Tokenizers.Tokenizer tokenizer = Bert;
        var plain = Bert.EncodeIds(Fox, addSpecialTokens: false);
        Assert.Equal(plain, tokenizer.EncodeToIds(Fox));
        Assert.Equal(plain.Length, tokenizer.CountTokens(Fox));
        Assert.Equal(plain[..3], tokenizer.EncodeToIds(Fox, 3, out _, out var consumed));
        Assert.Equal(9, consumed);
        var tokens = tokenizer.EncodeToTokens(Fox, out _);
        Assert.Equal(plain, tokens.Select(t => t.Id));
        Assert.Equal("the", tokens[0].Value);
        Assert.Equal("The", Fox[tokens[0].Offset]);
        Assert.Equal("the quick brown", tokenizer.Decode(Bert.EncodeIds("The quick brown", addSpecialTokens: false)));
        Assert.ThrowsAny<SkTuningException>(() => tokenizer.EncodeToIds(Fox, considerNormalization: false));
    }
}
