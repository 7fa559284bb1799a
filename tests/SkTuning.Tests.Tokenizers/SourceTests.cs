using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text.Json;
using SkTuning.Tokenizers;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Files other than tokenizer.json give the same ids.</summary>
public sealed class SourceTests
{
    private static string Vocabularies => Path.Combine(Fixtures.Shared, "tokenizers");

    [Theory]
    [InlineData("expected.jsonl")]
    [InlineData("expected-real.jsonl")]
    public void The_sentencepiece_model_of_xlm_roberta_gives_the_ids_of_its_tokenizer_json(string file)
    {
        var folder = TokenizerFixture.Folder("style-xlm-roberta", file);
        Fixtures.SkipWithout(Path.Combine(folder, file));
        var spec = SentencePieceFile.Read(Path.Combine(folder, "spiece.model"));
        var tokenizer = new TextTokenizer(SentencePieceBuilder.Build(spec, FolderReader.XlmRoberta(new())));
        var faults = new List<string>();
        foreach (var line in TokenizerFixture.Lines(Path.Combine(folder, file)))
        {
            var ids = tokenizer.Encode(line.Text, line.Pair).Ids;
            if (!ids.SequenceEqual(line.Ids)) faults.Add($"{line.Text}: {string.Join(' ', ids)}, expected {string.Join(' ', line.Ids)}");
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Theory]
    [InlineData("ggml-vocab-bert-bge")]
    [InlineData("ggml-vocab-gpt-2")]
    [InlineData("ggml-vocab-llama-spm")]
    public void A_gguf_vocabulary_gives_the_ids_of_llama_cpp(string name)
    {
        var path = Path.Combine(Vocabularies, "llama.cpp", name + ".gguf");
        Fixtures.SkipWithout(path);
        var tokenizer = TextTokenizer.FromGguf(GgufMetadata.Tokenizer(path));
        var texts = File.ReadAllText(path + ".inp").Split("\n__ggml_vocab_test__\n");
        var expected = File.ReadAllLines(path + ".out");
        var faults = new List<string>();
        for (var i = 0; i < expected.Length; i++)
        {
            var ids = string.Join(' ', tokenizer.EncodeIds(texts[i], addSpecialTokens: false));
            if (ids != expected[i].Trim()) faults.Add($"'{texts[i]}': {ids}, expected {expected[i]}");
        }
        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    [Fact]
    public void The_gguf_of_smollm2_gives_the_reference_ids()
    {
        var gguf = Path.Combine(Fixtures.Shared, "models", "smollm2", "SmolLM2-135M-Instruct.Q4_1.gguf");
        Fixtures.SkipWithout(gguf);
        Check(TextTokenizer.FromGguf(GgufMetadata.Tokenizer(gguf)), "smollm2-135m-instruct");
    }

    [Theory]
    [InlineData("minilm", "minilm")]
    [InlineData("tiny", "tiny")]
    public void A_model_folder_gives_the_reference_ids(string folder, string reference)
    {
        var path = folder == "tiny" ? Fixtures.Tiny : Path.Combine(Fixtures.Shared, "models", folder);
        Fixtures.SkipWithout(path);
        Check(TextTokenizer.Load(path), reference);
    }

    [Fact]
    public void The_vocab_txt_of_bert_gives_the_tokens_of_its_tokenizer_json()
    {
        var folder = Path.Combine(Vocabularies, "bert-base-uncased");
        Fixtures.SkipWithout(folder);
        var (json, text) = (TextTokenizer.Load(folder), TextTokenizer.Load(Path.Combine(folder, "vocab.txt")));
        foreach (var line in TokenizerFixture.Lines(Path.Combine(TokenizerFixture.Folder("bert-base-uncased", "expected.jsonl"), "expected.jsonl")))
        {
            var (expected, actual) = (json.Encode(line.Text, line.Pair), text.Encode(line.Text, line.Pair));
            Assert.Equal(expected.Ids, actual.Ids);
            Assert.Equal(expected.Offsets, actual.Offsets);
            Assert.Equal(expected.TypeIds, actual.TypeIds);
        }
        Assert.Equal(json.Fingerprint, text.Fingerprint);
    }

    [Fact]
    public void Every_listed_pre_tokenizer_of_gguf_is_implemented_and_others_are_rejected()
    {
        foreach (var name in GgufCuts.Names.Split(", ")) Assert.NotNull(GgufCuts.Of(name));
        Assert.Equal(
            $"a.gguf: 'tokenizer.ggml.pre' is 'martian', which is not implemented, expected one of {GgufCuts.Names}.",
            Message(new() { File = "a.gguf", Model = "gpt2", Pre = "martian", Tokens = ["a"], Merges = [] }));
        Assert.Equal(
            "a.gguf: 'tokenizer.ggml.scores' is a list of 2 scores, expected 1, one per token.",
            Message(new() { File = "a.gguf", Model = "llama", Tokens = ["a"], Scores = [1, 2] }));
        Assert.Equal(
            "a.gguf: 'tokenizer.ggml.bos_token_id' is 7, expected an id below 1.",
            Message(new() { File = "a.gguf", Model = "llama", Tokens = ["a"], Scores = [1], BosId = 7 }));
        Assert.Contains(
            "'tokenizer.ggml.model' is 'rwkv', which is not implemented",
            Message(new() { File = "a.gguf", Model = "rwkv", Tokens = ["a"] }));

        static string Message(GgufTokenizer metadata) => Assert.ThrowsAny<SkTuningException>(() => TextTokenizer.FromGguf(metadata)).Message;
    }

    /// <summary>The GGUF metadata of a byte-level tokenizer gives the same ids as its tokenizer.json.</summary>
    [Theory]
    [InlineData("style-gpt2", "gpt-2")]
    [InlineData("style-gptneox", "olmo")]
    [InlineData("style-llama3", "llama-bpe")]
    [InlineData("style-qwen2", "qwen2")]
    [InlineData("style-smollm2", "smollm")]
    [InlineData("style-bloom", "bloom")]
    public void A_gguf_of_a_style_gives_the_ids_of_the_style(string style, string pre)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(TokenizerFixture.Style(style)));
        var model = json.RootElement.GetProperty("model");
        var tokens = model.GetProperty("vocab").EnumerateObject().OrderBy(t => t.Value.GetInt32()).Select(t => t.Name).ToList();
        var special = json.RootElement.GetProperty("added_tokens").EnumerateArray().Select(t => t.GetProperty("id").GetInt32()).ToHashSet();
        var tokenizer = TextTokenizer.FromGguf(new()
        {
            File = "style.gguf", Model = "gpt2", Pre = pre, Tokens = tokens, TokenTypes = [.. tokens.Select((_, id) => special.Contains(id) ? 3 : 1)],
            Merges = [.. model.GetProperty("merges").EnumerateArray().Select(m => $"{m[0].GetString()} {m[1].GetString()}")], BosId = 0,
        });
        var reference = TextTokenizer.LoadJson(TokenizerFixture.Style(style));
        foreach (var text in RandomTexts.Make(seed: 8, count: 1_000).Append("Hello, world!  It's 12345 o'clock.\n\n"))
            Assert.Equal(reference.EncodeIds(text), tokenizer.EncodeIds(text));
        Assert.Equal(style == "style-llama3" ? [0] : [], tokenizer.PrefixSpecialIds);
    }

    /// <summary>The texts are in the metadata of the reference's file, and the ids are in one of its tensors.</summary>
    private static void Check(TextTokenizer tokenizer, string reference)
    {
        var file = new[] { Fixtures.Root, Path.Combine(Fixtures.Shared, "fixtures") }
            .Select(r => Path.Combine(r, "real", reference, "expected.safetensors"))
            .FirstOrDefault(File.Exists);
        Assert.SkipUnless(file is not null, $"real/{reference} is not here");
        var content = File.ReadAllBytes(file!);
        var headerLength = BinaryPrimitives.ReadInt32LittleEndian(content);
        using var header = JsonDocument.Parse(content.AsMemory(8, headerLength));
        using var texts = JsonDocument.Parse(header.RootElement.GetProperty("__metadata__").GetProperty("texts").GetString()!);
        var (ids, lengths) = (Numbers("input_ids"), Numbers("lengths"));
        var (row, width) = (0, ids.Length / lengths.Length);
        foreach (var text in texts.RootElement.EnumerateArray().Select(t => t.GetString()!))
        {
            Assert.Equal(ids.AsSpan(row * width, lengths[row]).ToArray(), tokenizer.EncodeIds(text));
            row++;
        }
        Assert.True(row > 0, "no texts");

        int[] Numbers(string tensor)
        {
            var entry = header.RootElement.GetProperty(tensor);
            var range = entry.GetProperty("data_offsets");
            var data = content.AsSpan(8 + headerLength)[range[0].GetInt32()..range[1].GetInt32()];
            return entry.GetProperty("dtype").GetString() switch
            {
                "I64" => [.. MemoryMarshal.Cast<byte, long>(data).ToArray().Select(n => (int)n)],
                "I32" => MemoryMarshal.Cast<byte, int>(data).ToArray(),
                var other => throw new InvalidDataException($"{tensor} is {other}"),
            };
        }
    }
}
