using System.Text.Json.Nodes;
using SkTuning.Tokenizers;

namespace SkTuning.Tests.Tokenizers;

/// <summary>The steps of a tokenizer come from files: what they make, and the work they do, is bounded by the text.</summary>
public sealed class LimitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string, string> Growing() => new()
    {
        { "normalizer", Sequence("normalizers", Replace("{\"String\": \"a\"}", "aa"), 22), "a" },
        { "normalizer", Replace("{\"String\": \"a\"}", new string('b', 100_000)), "a" },
        { "normalizer", Replace("{\"Regex\": \"x*\"}", new string('b', 1_000)), "b" },
        { "normalizer", $"{{\"type\": \"Prepend\", \"prepend\": \"{new string('x', 40_000)}\"}}", "a<|endoftext|>" },
        { "normalizer", Sequence("normalizers", "{\"type\": \"ByteLevel\"}", 20), "\u4E2D" },
        { "pre_tokenizer", Sequence("pretokenizers", "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true}", 20), "\u4E2D" },
    };

    [Theory]
    [MemberData(nameof(Growing))]
    public void Steps_that_multiply_the_text_are_stopped(string key, string value, string text)
    {
        var path = Changed(key, value);
        var tokenizer = TextTokenizer.LoadJson(path);
        var repeated = string.Concat(Enumerable.Repeat(text, 3_000));
        foreach (var encode in new Action[] { () => tokenizer.Encode(repeated), () => tokenizer.EncodeIds(repeated), () => tokenizer.EncodeWords([repeated]) })
        {
            var fault = Assert.Throws<SkTuningFileException>(encode);
            Assert.StartsWith($"{path}: the steps of the tokenizer make more than ", fault.Message);
        }
    }

    [Theory]
    [InlineData("{\"String\": \"a\"}", "aa", 30)]
    [InlineData("{\"String\": \"a\"}", null, 1)]
    public void A_decoder_that_multiplies_the_text_is_stopped(string pattern, string? content, int steps)
    {
        var path = Changed("decoder", Sequence("decoders", Replace(pattern, content ?? new string('b', 1_000)), steps));
        var tokenizer = TextTokenizer.LoadJson(path);
        var ids = tokenizer.EncodeIds(string.Concat(Enumerable.Repeat("a ", 3_000)), addSpecialTokens: false);
        var fault = Assert.Throws<SkTuningFileException>(() => tokenizer.Decode([.. ids, .. ids], skipSpecialTokens: false));
        Assert.StartsWith($"{path}: the steps of the tokenizer make more than ", fault.Message);
    }

    [Theory]
    [InlineData("normalizer", "{\"type\": \"NFKC\"}", "\uFDFA", 100_000)]
    [InlineData("normalizer", "{\"type\": \"Prepend\", \"prepend\": \"a long prefix that is put before each text\"}", "a", 1)]
    [InlineData("normalizer", "{\"type\": \"ByteLevel\"}", "\u4E2D", 100_000)]
    public void Ordinary_growth_is_not_stopped(string key, string value, string text, int count)
        => Assert.NotEmpty(TextTokenizer.LoadJson(Changed(key, value)).EncodeIds(string.Concat(Enumerable.Repeat(text, count))));

    /// <summary>Each match is found quickly, or not at all after a while; together they take too long.</summary>
    [Theory]
    [InlineData("(?:[a-z ]|[a-z ]{2}){1,20}!|.")]
    [InlineData("(?=(?:[a-z ]|[a-z ]{2}){1,20}!)a|.")]
    [InlineData("[a-z ]+!|[a-z ]")]
    public void All_matches_of_a_text_share_one_budget(string expression)
    {
        var pattern = $"{{\"Regex\": \"{expression}\"}}";
        var text = string.Concat(Enumerable.Repeat("the quick brown fox jumps over the lazy dog and so on and on ", 1_000));
        foreach (var (key, value) in new[] { ("pre_tokenizer", Split(pattern)), ("normalizer", Replace(pattern, "x")) })
        {
            var path = Changed(key, value);
            var fault = Assert.Throws<SkTuningFileException>(() => TextTokenizer.LoadJson(path).EncodeIds(text));
            Assert.StartsWith($"{path}: the expression '{expression}' takes too many steps on this text of {text.Length} characters.", fault.Message);
        }
    }

    [Fact]
    public void The_budget_of_a_decoder_is_shared_too()
    {
        const string pattern = "{\"Regex\": \"(?:a|aa)+b\"}";
        var path = Changed("decoder", Sequence("decoders", "{\"type\": \"ByteLevel\"}, " + Replace(pattern, "x"), 1));
        var tokenizer = TextTokenizer.LoadJson(path);
        var ids = tokenizer.EncodeIds(string.Concat(Enumerable.Repeat(new string('a', 27) + "c ", 200)), addSpecialTokens: false);
        Assert.Contains("takes too many steps", Assert.Throws<SkTuningFileException>(() => tokenizer.Decode(ids, skipSpecialTokens: false)).Message);
    }

    [Fact]
    public void An_expression_with_many_alternatives_has_a_larger_budget()
    {
        var words = string.Join('|', Enumerable.Range(100, 900).Select(i => $"z{i}"));
        var tokenizer = TextTokenizer.LoadJson(Changed("pre_tokenizer", Split($"{{\"Regex\": \"{words}|.\"}}")));
        Assert.NotEmpty(tokenizer.EncodeIds(string.Concat(Enumerable.Repeat("zq z1 z500 ", 10_000))));
    }

    [Theory]
    [InlineData("normalizer", "normalizers", "{\"type\": \"Lowercase\"}")]
    [InlineData("pre_tokenizer", "pretokenizers", "{\"type\": \"Whitespace\"}")]
    public void Thousands_of_steps_share_one_budget(string key, string list, string step)
    {
        var path = Changed(key, Sequence(list, step, 5_000));
        var fault = Assert.Throws<SkTuningFileException>(() => TextTokenizer.LoadJson(path).EncodeIds(new string('a', 10_000)));
        Assert.StartsWith($"{path}: the tokenizer takes too many steps", fault.Message);
    }

    [Fact]
    public void A_long_token_that_nearly_matches_everywhere_does_not_take_quadratic_time()
    {
        var (text, almost) = (new string('a', 100_000), new string('a', 50_000) + "b");
        string[] files =
        [
            Changed("added_tokens", Added(almost)),
            Changed("model", $"{{\"type\": \"Unigram\", \"unk_id\": 0, \"vocab\": [[\"?\", 0], [\"a\", -1], [\"{almost}\", -2]]}}", plain: true),
            Changed("model", $"{{\"type\": \"WordPiece\", \"unk_token\": \"?\", \"continuing_subword_prefix\": \"\", \"max_input_chars_per_word\": 2000000000, "
                + $"\"vocab\": {{\"?\": 0, \"a\": 1, \"{almost}\": 2}}}}", plain: true),
        ];
        foreach (var path in files)
        {
            var fault = Assert.Throws<SkTuningFileException>(() => TextTokenizer.LoadJson(path).EncodeIds(text));
            Assert.StartsWith($"{path}: the tokenizer takes too many steps", fault.Message);
        }
    }

    [Fact]
    public void A_long_fixed_text_is_searched_in_linear_time()
    {
        var (text, almost) = (new string('a', 400_000), new string('a', 200_000) + "b");
        var guard = new HangGuard();
        var pattern = $"{{\"String\": \"{almost}\"}}";
        foreach (var (key, value) in new[] { ("pre_tokenizer", Split(pattern)), ("normalizer", Replace(pattern, "x")) })
            Assert.NotEmpty(TextTokenizer.LoadJson(Changed(key, value)).EncodeIds(text + almost));
        guard.Check("a long pattern");
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void Blanks_around_added_tokens_are_read_once(bool left, bool right)
    {
        var token = $"{{\"id\": 900, \"content\": \" \", \"lstrip\": {Json(left)}, \"rstrip\": {Json(right)}, \"normalized\": false, \"special\": true}}";
        var tab = "{\"id\": 901, \"content\": \"\\t\", \"normalized\": false, \"special\": true}";
        var tokenizer = TextTokenizer.LoadJson(Changed("added_tokens", $"[{token}, {tab}]"));
        var guard = new HangGuard();
        Assert.Equal(600_000, tokenizer.EncodeIds(string.Concat(Enumerable.Repeat(" \t", 300_000)), addSpecialTokens: false).Length);
        guard.Check("blanks");
    }

    [Theory]
    [InlineData("single")]
    [InlineData("pair")]
    public void A_template_of_thousands_of_tokens_is_refused_when_it_is_read(string key)
    {
        var root = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style("style-bert-uncased")))!;
        var places = root["post_processor"]![key]!.AsArray();
        for (var i = 0; i < 5_000; i++) places.Add(places[0]!.DeepClone());
        File.WriteAllText(_folder["template.json"], root.ToJsonString());
        var fault = Assert.Throws<SkTuningFileException>(() => TextTokenizer.LoadJson(_folder["template.json"]));
        Assert.StartsWith($"{_folder["template.json"]}: 'post_processor.{key}' is a template of more than 4096 tokens", fault.Message);
    }

    [Fact]
    public void Repetitions_of_a_repetition_do_not_overflow_the_stack()
    {
        foreach (var stacked in new[] { "a" + new string('+', 5_000), "a" + string.Concat(Enumerable.Repeat("{1}", 1_900)) })
        {
            var path = Changed("pre_tokenizer", Split($"{{\"Regex\": \"{stacked}\"}}"));
            Assert.Contains("repetitions of a repetition", Assert.Throws<SkTuningFileException>(() => TextTokenizer.LoadJson(path)).Message);
        }
    }

    [Theory]
    [InlineData("continuing_subword_prefix")]
    [InlineData("end_of_word_suffix")]
    public void A_mark_of_thousands_of_characters_is_refused(string key)
    {
        var path = Changed($"model.{key}", $"\"{new string('x', 5_000)}\"");
        Assert.Contains($"'model.{key}' is longer than 16 characters", Assert.Throws<SkTuningFileException>(() => TextTokenizer.LoadJson(path)).Message);
    }

    private static string Json(bool value) => value ? "true" : "false";

    private static string Sequence(string list, string step, int count)
        => $"{{\"type\": \"Sequence\", \"{list}\": [{string.Join(", ", Enumerable.Repeat(step, count))}]}}";

    private static string Replace(string pattern, string content) => $"{{\"type\": \"Replace\", \"pattern\": {pattern}, \"content\": \"{content}\"}}";

    private static string Split(string pattern) => $"{{\"type\": \"Split\", \"pattern\": {pattern}, \"behavior\": \"Isolated\", \"invert\": false}}";

    private static string Added(string content) => $"[{{\"id\": 900, \"content\": \"{content}\", \"normalized\": false, \"special\": true}}]";

    /// <summary>Writes the file of a byte-level tokenizer with one value changed; returns its path.</summary>
    private string Changed(string key, string value, bool plain = false)
    {
        var root = JsonNode.Parse(File.ReadAllText(TokenizerFixture.Style("style-gpt2")))!;
        var parts = key.Split('.');
        var at = root;
        foreach (var part in parts[..^1]) at = at[part]!;
        at[parts[^1]] = JsonNode.Parse(value);
        if (plain) root["pre_tokenizer"] = root["post_processor"] = null;
        var path = _folder[$"{Guid.NewGuid():n}.json"];
        File.WriteAllText(path, root.ToJsonString());
        return path;
    }
}
