using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Tokenizers;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Tests.Tokenizers;

/// <summary>Speech models add a hundred thousand tokens. Each way to name them takes time in proportion to their number.</summary>
public sealed class ManyAddedTokensTests : IDisposable
{
    private const int Count = 60_000;

    /// <summary>Linear time is half a second; quadratic time was half a minute.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(12);

    private readonly TemporaryFolder _folder = new();
    private readonly long _start = Stopwatch.GetTimestamp();

    private static string[] Names { get; } = [.. Enumerable.Range(0, Count).Select(i => $"<audio_{i}>")];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("tokenizer.json")]
    [InlineData("added_tokens_decoder")]
    [InlineData("added_tokens.json")]
    [InlineData("special_tokens_map.json")]
    [InlineData("additional_special_tokens")]
    public void They_are_read_and_found_in_linear_time(string source)
    {
        var root = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style("style-gpt2")))!;
        var added = Names.Select((n, i) => new Dictionary<string, object>
        {
            ["id"] = 2_000 + i, ["content"] = n, ["normalized"] = i % 2 == 0, ["special"] = i % 3 == 0,
        });
        if (source == "tokenizer.json") root["added_tokens"] = JsonSerializer.SerializeToNode(added);
        File.WriteAllText(_folder["tokenizer.json"], root.ToJsonString());
        if (source == "added_tokens_decoder")
            Write("tokenizer_config.json", new Dictionary<string, object> { [source] = added.ToDictionary(t => $"{t["id"]}") });
        if (source == "added_tokens.json") Write(source, Names.Select((n, i) => (n, i)).ToDictionary(p => p.n, p => 2_000 + p.i));
        if (source is "special_tokens_map.json" or "additional_special_tokens")
            Write(
                source == "special_tokens_map.json" ? source : "tokenizer_config.json",
                new Dictionary<string, object> { ["additional_special_tokens"] = Names });
        AssertFinds(TextTokenizer.Load(_folder.Path), source);
    }

    [Fact]
    public void Those_of_a_vocabulary_file_are_read_in_linear_time()
    {
        File.WriteAllLines(_folder["vocab.txt"], ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a"]);
        Write("tokenizer_config.json", new Dictionary<string, object> { ["tokenizer_class"] = "BertTokenizer", ["additional_special_tokens"] = Names });
        AssertFinds(TextTokenizer.Load(_folder.Path), "vocab.txt");
    }

    [Fact]
    public void Those_of_a_gguf_are_read_and_written_in_linear_time()
    {
        var stored = new GgufTokenizer
        {
            File = "many.gguf", Model = "gpt2", Pre = "gpt-2", Tokens = ["a", "b", "ab", .. Names], Merges = ["a b"],
            TokenTypes = [1, 1, 1, .. Names.Select((_, i) => i % 2 == 0 ? 3 : 4)], BosId = 3,
        };
        AssertFinds(TextTokenizer.FromGguf(stored), "GGUF");
        TokenizerFiles.Write(stored, _folder.Path);
        AssertFinds(TextTokenizer.Load(_folder.Path), "the writer");
    }

    private void AssertFinds(TextTokenizer tokenizer, string source)
    {
        var text = string.Concat(Names[77], Names[^1], Names[45_678]);
        int[] expected = [.. new[] { Names[77], Names[^1], Names[45_678] }.Select(n => tokenizer.IdOf(n)!.Value)];
        Assert.Equal(expected, tokenizer.EncodeIds(text, addSpecialTokens: false));
        Assert.True(Stopwatch.GetElapsedTime(_start) < Limit, $"{source}: {Stopwatch.GetElapsedTime(_start).TotalSeconds:F0} s");
    }

    private void Write<T>(string name, T value) => File.WriteAllText(_folder[name], JsonSerializer.Serialize(value));
}
