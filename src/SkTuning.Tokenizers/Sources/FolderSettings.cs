using System.Text.Json;
using SkTuning.Tokenizers.AddedTokens;

namespace SkTuning.Tokenizers.Sources;

/// <summary>The tokenizer settings in tokenizer_config.json, special_tokens_map.json, added_tokens.json and config.json of a folder.</summary>
internal sealed record FolderSettings
{
    private static readonly string[] Roles = ["bos", "eos", "unk", "sep", "pad", "cls", "mask"];

    public required string Folder { get; init; }

    /// <summary>The class that transformers would use, without "Fast"; empty if it is unknown.</summary>
    public string Class { get; init; } = "";

    /// <summary>True if tokenizer_config.json names the class, false if it was derived from the model_type of config.json.</summary>
    public bool ClassIsNamed { get; init; }
    public SpecialTokens Special { get; init; } = new();

    /// <summary>The tokens to search for in texts: those with given ids in the order of their ids, then special tokens in the order of their roles.</summary>
    public IReadOnlyList<AddedToken> Added { get; init; } = [];
    public bool? AddBos { get; init; }
    public bool? AddEos { get; init; }
    public bool? AddPrefixSpace { get; init; }
    public bool? Lowercase { get; init; }
    public bool? StripAccents { get; init; }

    /// <summary>Whether strip_accents is set to true or false.</summary>
    public bool HasStripAccents { get; init; }
    public bool? ChineseCharacters { get; init; }
    public bool? Legacy { get; init; }
    public bool? KeepAccents { get; init; }
    public int? ExtraIds { get; init; }
    public string? ChatTemplate { get; init; }

    public static FolderSettings Read(string folder)
    {
        var settings = new FolderSettings { Folder = folder };
        var tokens = new Dictionary<string, AddedToken>(StringComparer.Ordinal);
        var (added, more) = (new TokenTable(), new TokenTable());
        if (Open(folder, "special_tokens_map.json") is { } map)
            using (map.Json) ReadRoles(map.Part, tokens, more);
        if (Open(folder, "added_tokens.json") is { } plain)
            using (plain.Json)
                foreach (var entry in plain.Part.Entries().OrderBy(IdOf))
                    added.Add(new(entry.Name, false, false, false, true, false));
        if (Open(folder, "tokenizer_config.json") is { } config)
            using (config.Json)
            {
                settings = ReadConfig(config.Part, settings);
                ReadDecoder(config.Part, added);
                ReadRoles(config.Part, tokens, more);
            }
        foreach (var token in Roles.Select(tokens.GetValueOrDefault).OfType<AddedToken>().Concat(more.Tokens))
            added.Add(token with { Special = true });
        if (settings.Class.Length == 0 && Open(folder, "config.json") is { } model)
            using (model.Json) settings = settings with { Class = ClassOf(TextOrNull(model.Part, "model_type")) };
        return settings with
        {
            Added = added.Tokens,
            Special = new()
            {
                Bos = Of("bos"), Eos = Of("eos"), Unk = Of("unk"), Sep = Of("sep"), Pad = Of("pad"), Cls = Of("cls"), Mask = Of("mask"),
            },
        };

        string? Of(string role) => tokens.GetValueOrDefault(role)?.Content;
        static int IdOf(JsonProperty entry) => entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt32(out var id) ? id : int.MaxValue;
    }

    private static FolderSettings ReadConfig(JsonPart config, FolderSettings settings)
    {
        var name = config.OptionalString("tokenizer_class") ?? "";
        return settings with
        {
            Class = name.EndsWith("Fast", StringComparison.Ordinal) && name != "PreTrainedTokenizerFast" ? name[..^4] : name,
            ClassIsNamed = name.Length > 0,
            AddBos = config.OptionalBool("add_bos_token"),
            AddEos = config.OptionalBool("add_eos_token"),
            AddPrefixSpace = config.OptionalBool("add_prefix_space"),
            Lowercase = config.OptionalBool("do_lower_case"),
            StripAccents = config.OptionalBool("strip_accents"),
            HasStripAccents = config.Has("strip_accents"),
            ChineseCharacters = config.OptionalBool("tokenize_chinese_chars"),
            Legacy = config.OptionalBool("legacy"),
            KeepAccents = config.OptionalBool("keep_accents"),
            ExtraIds = config.Has("extra_ids") ? config.Int("extra_ids", 0, 10_000) : null,
            ChatTemplate = TextOrNull(config, "chat_template"),
        };
    }

    /// <summary>Returns the value of an entry if it is a text; null if it is missing or of another type.</summary>
    private static string? TextOrNull(JsonPart part, string key)
        => part.Has(key) && part.Value(key).ValueKind == JsonValueKind.String ? part.String(key) : null;

    /// <summary>Reads {"0": {"content": "&lt;unk&gt;", "lstrip": false, ...}, ...}.</summary>
    private static void ReadDecoder(JsonPart config, TokenTable added)
    {
        if (config.OptionalPart("added_tokens_decoder") is not { } decoder) return;
        foreach (var entry in decoder.Entries().OrderBy(e => int.TryParse(e.Name, out var id) ? id : int.MaxValue))
            added.Set(ReadToken(decoder.Part(entry), special: false));
    }

    private static void ReadRoles(JsonPart part, Dictionary<string, AddedToken> tokens, TokenTable more)
    {
        foreach (var role in Roles)
        {
            var key = role + "_token";
            if (!part.Has(key)) continue;
            tokens[role] = part.Value(key).ValueKind == JsonValueKind.Object
                ? ReadToken(part.Part(key), special: true)
                : new(part.String(key), false, false, false, false, true);
        }
        if (!part.Has("additional_special_tokens") || part.Value("additional_special_tokens").ValueKind != JsonValueKind.Array) return;
        var i = 0;
        foreach (var item in part.Items("additional_special_tokens"))
        {
            var token = item.ValueKind switch
            {
                JsonValueKind.String => new AddedToken(item.GetString()!, false, false, false, false, true),
                JsonValueKind.Object => ReadToken(new(part.File, $"additional_special_tokens[{i}]", item), special: true),
                _ => throw part.Bad($"additional_special_tokens[{i}]", JsonPart.Kind(item), "a token"),
            };
            more.Add(token);
            i++;
        }
    }

    /// <param name="part">The token.</param>
    /// <param name="special">Whether the token is special if the entry "special" is missing.</param>
    private static AddedToken ReadToken(JsonPart part, bool special)
        => new(
            part.String("content"), part.Bool("single_word", false), part.Bool("lstrip", false), part.Bool("rstrip", false),
            part.Bool("normalized", !special), part.Bool("special", special));

    private static (JsonDocument Json, JsonPart Part)? Open(string folder, string name)
    {
        var path = Path.Combine(folder, name);
        if (!File.Exists(path)) return null;
        var json = TokenizerJson.Parse(path);
        return (json, new(path, "", json.RootElement));
    }

    /// <summary>Returns the tokenizer class of a model type, for folders that name no class.</summary>
    private static string ClassOf(string? modelType) => modelType switch
    {
        "bert" => "BertTokenizer",
        "distilbert" => "DistilBertTokenizer",
        "electra" => "ElectraTokenizer",
        "mpnet" => "MPNetTokenizer",
        "roberta" => "RobertaTokenizer",
        "gpt2" => "GPT2Tokenizer",
        "qwen2" or "qwen3" => "Qwen2Tokenizer",
        "llama" or "mistral" => "LlamaTokenizer",
        "gemma" or "gemma2" or "gemma3_text" => "GemmaTokenizer",
        "xlm-roberta" => "XLMRobertaTokenizer",
        "albert" => "AlbertTokenizer",
        "t5" => "T5Tokenizer",
        _ => "",
    };
}
