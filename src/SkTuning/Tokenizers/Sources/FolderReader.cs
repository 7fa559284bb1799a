using System.Text.Json;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Reads the tokenizer of a model folder.</summary>
internal static class FolderReader
{
    public static TokenizerDefinition Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new SkTuningException($"{folder}: there is no such folder. Expected a model folder with a tokenizer.json.");
        var file = Path.Combine(folder, "tokenizer.json");
        if (!File.Exists(file)) throw new SkTuningException($"{folder}: no tokenizer.json is here, expected one.");
        return TokenizerJson.Read(file) with { Special = ReadSpecial(folder) };
    }

    /// <summary>special_tokens_map.json, and tokenizer_config.json, which goes first.</summary>
    private static SpecialTokens ReadSpecial(string folder)
    {
        var tokens = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var name in new[] { "special_tokens_map.json", "tokenizer_config.json" })
        {
            var path = Path.Combine(folder, name);
            if (!File.Exists(path)) continue;
            using var json = TokenizerJson.Parse(path);
            var part = new JsonPart(path, "", json.RootElement);
            foreach (var role in new[] { "bos", "eos", "pad", "unk", "cls", "sep", "mask" })
                if (ReadToken(part, role + "_token") is { } token) tokens[role] = token;
        }
        return new()
        {
            Bos = tokens.GetValueOrDefault("bos"), Eos = tokens.GetValueOrDefault("eos"), Pad = tokens.GetValueOrDefault("pad"), Unk = tokens.GetValueOrDefault("unk"),
            Cls = tokens.GetValueOrDefault("cls"), Sep = tokens.GetValueOrDefault("sep"), Mask = tokens.GetValueOrDefault("mask"),
        };
    }

    /// <summary>"&lt;s&gt;" or {"content": "&lt;s&gt;", ...}.</summary>
    private static string? ReadToken(JsonPart part, string key)
        => !part.Has(key) ? null : part.Value(key).ValueKind == JsonValueKind.Object ? part.Part(key).String("content") : part.String(key);
}
