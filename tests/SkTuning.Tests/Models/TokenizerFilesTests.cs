using SkTuning.Models;
using SkTuning.Tokenizers;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Tests.Models;

/// <summary>The tokenizer of a GGUF file, written as the files of a folder, is read back as the same tokenizer.</summary>
public sealed class TokenizerFilesTests
{
    private const string Text = " Hello there,  world! It's 12,345 naïve CAFÉs — 東京\n\n\tdon't… 🙂 <s>";

    public static IEnumerable<TheoryDataRow<string>> Cuts() => GgufCuts.Names.Split(", ").Select(n => new TheoryDataRow<string>(n));

    [Theory, MemberData(nameof(Cuts))]
    public void Byte_level_with_every_pre_tokenizer(string pre)
    {
        var bytes = Enumerable.Range(0, 256).Select(b => SkTuning.Tokenizers.Text.ByteAlphabet.CharOf((byte)b).ToString());
        string[] tokens = ["<s>", "</s>", "<|user|>", .. bytes, "he", "ll", "hell", "Ġt", "12"];
        Same(new()
        {
            File = "test.gguf", Model = "gpt2", Pre = pre, Tokens = tokens, Merges = ["h e", "l l", "he ll", "Ġ t", "1 2"],
            TokenTypes = [.. tokens.Select((_, i) => i < 2 ? 3 : i == 2 ? 4 : 1)], BosId = 0, EosId = 1, PaddingId = 1, AddEos = true,
            ChatTemplate = "{{ messages }}",
        }, "PreTrainedTokenizerFast");
    }

    [Theory, InlineData(null, null), InlineData(false, true), InlineData(true, true)]
    public void SentencePiece(bool? addBos, bool? addSpace)
    {
        string[] tokens =
        [
            "<unk>", "<s>", "</s>", .. Enumerable.Range(0, 256).Select(b => $"<0x{b:X2}>"),
            "▁", "h", "e", "l", "o", "he", "ll", "hell", "hello", "▁hello", "<user>",
        ];
        Same(new()
        {
            File = "test.gguf", Model = "llama", Tokens = tokens, Scores = [.. tokens.Select((_, i) => i < 260 ? 0f : -i + 0.25f)],
            TokenTypes = [.. tokens.Select((_, i) => i == 0 ? 2 : i < 3 ? 3 : i < 259 ? 6 : i == tokens.Length - 1 ? 4 : 1)],
            BosId = 1, EosId = 2, UnknownId = 0, AddBos = addBos, AddEos = addBos is false, AddSpacePrefix = addSpace,
        }, "LlamaTokenizer");
    }

    [Theory, InlineData("▁hello"), InlineData("▁Hello")]
    public void WordPiece(string word)
        => Same(new()
        {
            File = "test.gguf", Model = "bert", Tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", word, "▁it", "s", "▁,", "▁world", "there"],
            TokenTypes = [3, 3, 3, 3, 3, 1, 1, 1, 1, 1, 1],
            ClsId = 2, SeparatorId = 3, UnknownId = 1, PaddingId = 0, MaskId = 4,
        }, "BertTokenizer");

    [Theory]
    [InlineData("smollm2/SmolLM2-135M-Instruct.Q4_1.gguf", "PreTrainedTokenizerFast")]
    [InlineData("stories260k/stories260Ktok512.gguf", "LlamaTokenizer")]
    public void Of_published_files(string file, string type)
    {
        var path = Path.Combine(Fixtures.Shared, "models", file);
        Fixtures.SkipWithout(path);
        using var source = ModelSource.Open(path, new());
        Same(source.StoredTokenizer!(), type);
    }

    private static void Same(GgufTokenizer stored, string type)
    {
        using var folder = new TemporaryFolder();
        TokenizerFiles.Write(stored, folder.Path);
        Assert.Contains($"\"{type}\"", File.ReadAllText(folder["tokenizer_config.json"]));
        var (expected, actual) = (TextTokenizer.FromGguf(stored), TextTokenizer.Load(folder.Path));
        Assert.Equal(expected.Fingerprint, actual.Fingerprint);
        Assert.Equal(expected.Encode(Text).Ids, actual.Encode(Text).Ids);
        Assert.Equal(
            (expected.BosId, expected.EosId, expected.PadId, expected.UnkId, expected.ClsId, expected.ChatTemplate),
            (actual.BosId, actual.EosId, actual.PadId, actual.UnkId, actual.ClsId, actual.ChatTemplate));
    }
}
