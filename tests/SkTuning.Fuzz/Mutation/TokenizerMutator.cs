using System.Text.Json.Nodes;
using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Mutation;

/// <summary>Damages the pipeline of a tokenizer.json: steps that occur many times, steps that enlarge a text, expressions that are slow to match.</summary>
internal sealed class TokenizerMutator : JsonMutator
{
    /// <summary>The maximum number of characters of repeated steps: a step may hold the table of a normalizer.</summary>
    private const int MaxText = 4_000_000;

    private static readonly string[] Expressions =
    [
        "(a|aa)+$", "(a+)+b", "(.*)(.*)(.*)(.*)x", "a{0,1000}a{0,1000}b", "(?:a?){60}a{60}", "(?=(a+))a*b", "[^\\\\s]+?x",
        "\\\\p{L}+.*?\\\\p{N}", "(?i)(x+x+)+y",
        ".", "", "a*", "^", "$", "\\\\b", "(?!)", "[[a-z]&&[^aeiou]]+", "(((((((((a)))))))))", "(?>a+)a", "x{2147483647}", "(a{1000}){1000}", "[", "(", "\\\\",
    ];

    private static readonly string[] Normalizers =
    [
        """{"type":"Replace","pattern":{"String":"a"},"content":"aa"}""", """{"type":"Replace","pattern":{"String":" "},"content":"          "}""",
        """{"type":"Replace","pattern":{"Regex":"EXPR"},"content":"bb"}""", """{"type":"Prepend","prepend":"aaaaaaaaaaaaaaaa"}""", """{"type":"ByteLevel"}""",
        """{"type":"NFKD"}""", """{"type":"NFC"}""", """{"type":"Lowercase"}""", """{"type":"StripAccents"}""",
        """{"type":"Strip","strip_left":true,"strip_right":true}""",
        """{"type":"Nmt"}""", """{"type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}""",
    ];

    private static readonly string[] PreTokenizers =
    [
        """{"type":"Split","pattern":{"Regex":"EXPR"},"behavior":"Isolated","invert":false}""",
        """{"type":"Split","pattern":{"Regex":"EXPR"},"behavior":"MergedWithNext","invert":true}""",
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""",
        """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always"}""",
        """{"type":"Digits","individual_digits":true}""", """{"type":"Punctuation","behavior":"Contiguous"}""", """{"type":"Whitespace"}""",
        """{"type":"FixedLength","length":1}""", """{"type":"CharDelimiterSplit","delimiter":"a"}""", """{"type":"UnicodeScripts"}""",
    ];

    public static new TokenizerMutator Instance { get; } = new();

    protected override JsonNode Change(JsonNode root, Random64 random, List<string> log)
    {
        if (root is not JsonObject file) return base.Change(root, random, log);
        switch (random.Next(8))
        {
            case 0 or 1: Steps(file, "normalizer", "normalizers", Normalizers, random, log); break;
            case 2 or 3: Steps(file, "pre_tokenizer", "pretokenizers", PreTokenizers, random, log); break;
            case 4: Steps(file, "decoder", "decoders", [.. Normalizers[..3], """{"type":"Fuse"}""", """{"type":"ByteFallback"}"""], random, log); break;
            case 5: Template(file, random, log); break;
            case 6: Added(file, random, log); break;
            default: return base.Change(root, random, log);
        }
        return root;
    }

    private static void Steps(JsonObject file, string part, string list, string[] catalog, Random64 random, List<string> log)
    {
        var step = random.OneIn(4) && file[part] is { } own ? own.ToJsonString()
            : random.Pick(catalog).Replace("EXPR", random.Pick(Expressions), StringComparison.Ordinal);
        var times = Math.Max(1, Math.Min(random.Pick([1, 2, 5, 12, 22, 60, 2000]), MaxText / step.Length));
        var steps = new JsonArray();
        if (random.OneIn(2) && file[part] is { } first) steps.Add(first.DeepClone());
        for (var i = 0; i < times; i++) steps.Add(JsonNode.Parse(step));
        if (random.OneIn(3)) steps.Insert(0, JsonNode.Parse(random.Pick(catalog).Replace("EXPR", random.Pick(Expressions), StringComparison.Ordinal)));
        file[part] = new JsonObject { ["type"] = "Sequence", [list] = steps };
        log.Add($"{part}: {times} times {step}");
    }

    private static void Template(JsonObject file, Random64 random, List<string> log)
    {
        var times = random.Pick([2, 50, 3000, 50_000]);
        var token = new JsonObject { ["SpecialToken"] = new JsonObject { ["id"] = "[X]", ["type_id"] = 0 } };
        var single = new JsonArray();
        for (var i = 0; i < times; i++) single.Add(token.DeepClone());
        single.Add(new JsonObject { ["Sequence"] = new JsonObject { ["id"] = "A", ["type_id"] = 0 } });
        var ids = new JsonArray([.. Enumerable.Range(0, random.Pick([1, 3, 2000])).Select(i => (JsonNode)(i % 3))]);
        file["post_processor"] = new JsonObject
        {
            ["type"] = "TemplateProcessing",
            ["single"] = single,
            ["pair"] = single.DeepClone(),
            ["special_tokens"] = new JsonObject
            {
                ["[X]"] = new JsonObject { ["id"] = "[X]", ["ids"] = ids, ["tokens"] = new JsonArray([.. ids.Select(_ => (JsonNode)"x")]) },
            },
        };
        log.Add($"post_processor: a template with {times} times a token of {ids.Count} ids");
    }

    private static void Added(JsonObject file, Random64 random, List<string> log)
    {
        var (times, content) = (random.Pick([2, 300, 5000, 70_000]), random.Pick(["a", "", " ", "\u00E9", "<s>", "aa", "the"]));
        var id = random.OneIn(2) ? 1_000_000 : 0;
        if (file["added_tokens"] is not JsonArray tokens) file["added_tokens"] = tokens = [];
        for (var i = 0; i < times; i++)
        {
            tokens.Add(new JsonObject
            {
                ["id"] = id + i, ["content"] = random.OneIn(50) ? content : content + i, ["single_word"] = random.OneIn(2), ["lstrip"] = random.OneIn(2),
                ["rstrip"] = random.OneIn(2), ["normalized"] = random.OneIn(2), ["special"] = random.OneIn(2),
            });
        }
        log.Add($"{times} added tokens from id {id} that start with '{content}'");
    }
}
