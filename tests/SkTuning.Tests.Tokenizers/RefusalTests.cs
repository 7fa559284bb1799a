using System.Text.Json.Nodes;
using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Unsupported and impossible settings are rejected with a message that names them, and the fingerprint distinguishes tokenizers.</summary>
public sealed class RefusalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sktuning-refusals").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("style-gpt2", "model.dropout", "0.1", "'model.dropout' is 0.1, expected null: random merges are not implemented.")]
    [InlineData("style-gpt2", "model.type", "\"Morse\"",
        "'model.type' is 'Morse', which is not implemented, expected one of the values in docs/tokenizers.md.")]
    [InlineData("style-gpt2", "model.vocab.!", "-1", "'model.vocab.!' is -1, expected an id from 0 to 8388608.")]
    [InlineData("style-gpt2", "model.vocab.!", "8388609", "'model.vocab.!' is 8388609, expected an id from 0 to 8388608.")]
    [InlineData("style-gpt2", "model.speed", "1", "'model.speed' is a setting that is not implemented, expected only implemented settings.")]
    [InlineData("style-gpt2", "normalizer", "{\"type\": \"Rot13\"}",
        "'normalizer.type' is 'Rot13', which is not implemented, expected one of the values in docs/tokenizers.md.")]
    [InlineData("style-gpt2", "pre_tokenizer", "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(a)\\\\1\"},\"behavior\":\"Isolated\",\"invert\":false}",
        "'pre_tokenizer.pattern.Regex' is '(a)\\1' with '\\1' at position 3, which is not supported, " +
        "expected an expression as described in docs/tokenizers.md.")]
    [InlineData("style-gpt2", "model.merges", "[[\"a\", \"\\u0430\"]]",
        "'merges[0]' is 'a' + '\u0430', expected tokens of the vocabulary, which does not contain '\u0430'. " +
        "The vocabulary and the merges belong to different models.")]
    [InlineData("style-bert-uncased", "model.unk_token", "\"[NONE]\"", "'model.unk_token' is '[NONE]', expected a token of the vocabulary.")]
    [InlineData("style-xlm-roberta", "model.unk_id", "100000", "'model.unk_id' is 100000, expected a whole number from 0 to 1501.")]
    public void Unsupported_settings_are_rejected_with_the_entry_named(string style, string key, string value, string message)
    {
        var path = Changed(style, key, value);
        var fault = Assert.ThrowsAny<SkTuningException>(() => TextTokenizer.Load(path));
        Assert.Equal($"{path}: {message}", fault.Message);
    }

    [Fact]
    public void The_largest_id_is_read()
        => Assert.Equal([8388608], TextTokenizer.Load(Changed("style-gpt2", "model.vocab.!", "8388608")).EncodeIds("!"));

    [Theory]
    [InlineData("{\"type\":\"ByteLevel\"}", true)]
    [InlineData("{\"type\":\"ByteLevel\",\"trim_offsets\":false}", false)]
    public void Settings_that_are_left_out_are_those_of_the_reference(string processor, bool trims)
    {
        var given = TextTokenizer.LoadJson(TokenizerFixture.Style("style-gptneox"));                       // it trims
        var tokenizer = TextTokenizer.Load(Changed("style-gptneox", "post_processor", processor));
        Assert.Equal(trims, given.Encode("two  words").Offsets.SequenceEqual(tokenizer.Encode("two  words").Offsets));
    }

    [Fact]
    public void A_folder_without_a_tokenizer_is_rejected_with_the_expected_files()
        => Assert.Equal(
            $"{_folder}: there is no tokenizer, expected one of tokenizer.json, tokenizer.model, spiece.model, sentencepiece.bpe.model, " +
            "vocab.json, vocab.txt (vocab.json with merges.txt).",
            Assert.ThrowsAny<SkTuningException>(() => TextTokenizer.Load(_folder)).Message);

    [Fact]
    public void An_unsupported_class_is_rejected_with_its_name()
    {
        File.WriteAllText(Path.Combine(_folder, "vocab.txt"), "[UNK]\n[CLS]\n[SEP]\na\n");
        File.WriteAllText(Path.Combine(_folder, "tokenizer_config.json"), "{\"tokenizer_class\": \"BertJapaneseTokenizer\"}");
        var fault = Assert.ThrowsAny<SkTuningException>(() => TextTokenizer.Load(_folder));
        Assert.Contains("tokenizer_class 'BertJapaneseTokenizer' with vocab.txt is not implemented", fault.Message);
    }

    [Fact]
    public void An_expression_that_takes_too_many_steps_is_stopped()
    {
        const string split = "{\"type\":\"Split\",\"pattern\":{\"Regex\":\"(?:a+)+b\"},\"behavior\":\"Isolated\",\"invert\":false}";
        var path = Changed("style-gpt2", "pre_tokenizer", split);
        var tokenizer = TextTokenizer.Load(path);
        Assert.Contains("takes too many steps", Assert.ThrowsAny<SkTuningException>(() => tokenizer.EncodeIds(new string('a', 60))).Message);
    }

    [Fact]
    public void The_fingerprint_depends_on_the_tokenizer_and_not_on_the_file()
    {
        var original = TokenizerFixture.Style("style-llama3");
        var compact = Path.Combine(_folder, "renamed.json");
        File.WriteAllText(compact, JsonNode.Parse(File.ReadAllText(original))!.ToJsonString());
        var fingerprint = TextTokenizer.LoadJson(original).Fingerprint;
        Assert.Matches("^[0-9a-f]{64}$", fingerprint);
        Assert.Equal(fingerprint, TextTokenizer.LoadJson(compact).Fingerprint);
        (string, string)[] changes =
            [("model.ignore_merges", "false"), ("normalizer", "{\"type\":\"NFC\"}"), ("post_processor", "null"), ("added_tokens", "[]")];
        foreach (var (key, value) in changes)
            Assert.NotEqual(fingerprint, TextTokenizer.LoadJson(Changed("style-llama3", key, value)).Fingerprint);
        Assert.Distinct(TokenizerFixture.Styles().Select(s => TextTokenizer.LoadJson(TokenizerFixture.Style(s)).Fingerprint));
    }

    [Fact]
    public void Settings_of_the_folder_take_precedence_over_the_file()
    {
        File.Copy(TokenizerFixture.Style("style-llama2"), Path.Combine(_folder, "tokenizer.json"));
        File.WriteAllText(
            Path.Combine(_folder, "special_tokens_map.json"),
            "{\"bos_token\": {\"content\": \"<s>\"}, \"pad_token\": \"<pad>\", \"eos_token\": \"wrong\"}");
        File.WriteAllText(
            Path.Combine(_folder, "tokenizer_config.json"),
            "{\"tokenizer_class\": \"LlamaTokenizerFast\", \"eos_token\": \"</s>\", \"add_bos_token\": false, \"add_eos_token\": true, " +
            "\"chat_template\": \"{{ messages }}\"}");
        var tokenizer = TextTokenizer.Load(_folder);
        Assert.Equal((1, 2, 1500), (tokenizer.BosId, tokenizer.EosId, tokenizer.PadId));
        Assert.Empty(tokenizer.PrefixSpecialIds);
        Assert.Equal([2], tokenizer.SuffixSpecialIds);
        Assert.Equal("{{ messages }}", tokenizer.ChatTemplate);
        Assert.Equal([1500], tokenizer.EncodeIds("<pad>", addSpecialTokens: false));
        Assert.Equal(1501, tokenizer.VocabularySize);
    }

    /// <summary>Writes a style's file with one value changed; returns its path.</summary>
    private string Changed(string style, string key, string value)
    {
        var root = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style(style)))!;
        var parts = key.Split('.', 3);
        var at = root;
        foreach (var part in parts[..^1]) at = at[part]!;
        at[parts[^1]] = JsonNode.Parse(value);
        var path = Path.Combine(_folder, $"{style}-{key.GetHashCode(StringComparison.Ordinal):x}.json");
        File.WriteAllText(path, root.ToJsonString());
        return path;
    }
}
