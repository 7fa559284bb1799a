using System.Text.Json;
using System.Text.RegularExpressions;

namespace SkTuning.Hub;

/// <summary>Selects the files of a repository that a model needs. The weights come last, so that a model with weights is complete.</summary>
internal static partial class ModelFiles
{
    private const string Config = "config.json";
    private const int MaxIndexBytes = 64 << 20;

    private static readonly string[] Tokenizer = ["tokenizer.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model", "vocab.txt", "vocab.json"];
    private static readonly string[] TokenizerExtras = ["tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "merges.txt"];

    /// <summary>The known names of weights, in order of preference.</summary>
    private static readonly string[] Weights = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    public static bool IsIndex(string file) => file.EndsWith(".index.json", StringComparison.Ordinal);

    /// <summary>The files that a model needs, in the order of their download.</summary>
    /// <param name="where">The repository or folder, for messages.</param>
    /// <param name="files">The available files.</param>
    /// <param name="gguf">The one GGUF file to use instead.</param>
    public static IReadOnlyList<string> Needed(string where, IReadOnlySet<string> files, string? gguf)
    {
        if (gguf is not null) return [CheckedGguf(where, files, gguf)];
        if (!files.Contains(Config))
            throw SkTuningException.BadFile(where, null, $"no {Config} among {Listed(files)}", $"a transformers model with {Config}", GgufAdvice(files));
        if (!Tokenizer.Any(files.Contains))
            throw SkTuningException.BadFile(where, null, $"no tokenizer among {Listed(files)}", string.Join(", ", Tokenizer));
        var weights = Weights.FirstOrDefault(files.Contains) ?? throw SkTuningException.BadFile(
            where, null, $"no weights that can be read among {Listed(files)}", string.Join(", ", Weights), GgufAdvice(files));
        return [Config, .. Tokenizer.Concat(TokenizerExtras).Where(files.Contains), weights];
    }

    /// <summary>The shards that an index names, as plain file names in ordinal order.</summary>
    public static IReadOnlyList<string> Shards(string index)
    {
        try
        {
            if (HubCache.Length(index) > MaxIndexBytes)
                throw SkTuningException.BadFile(index, null, "a file of more than 64 MB", "an index of shards");
            using var json = JsonDocument.Parse(InputFile.ReadAllBytes(index).AsMemory(), new JsonDocumentOptions { MaxDepth = 16 });
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("weight_map", out var map)
                || map.ValueKind != JsonValueKind.Object)
                throw SkTuningException.BadFile(index, "weight_map", "missing", "an object of tensor name -> file name");
            var shards = new SortedSet<string>(StringComparer.Ordinal);
            foreach (var item in map.EnumerateObject())
                if (item.Value.ValueKind == JsonValueKind.String && item.Value.GetString()! is var shard && IsShard(HubListing.Safe(index, shard)))
                    shards.Add(shard);
                else
                    throw SkTuningException.BadFile(
                        index, item.Name, HubRepository.OneLine(item.Value.GetRawText()), "the plain name of a .safetensors or .bin file in the same folder");
            return shards.Count > 0 ? [.. shards] : throw SkTuningException.BadFile(index, "weight_map", "empty", "at least one file");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SkTuningException.BadFile(index, null, "invalid JSON", "an index of shards", cause: e);
        }
    }

    private static bool IsShard(string name) => name == Path.GetFileName(name) && Path.GetExtension(name) is (".safetensors" or ".bin");

    private static string CheckedGguf(string where, IReadOnlySet<string> files, string gguf)
    {
        if (!gguf.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            throw new SkTuningException($"'{HubRepository.OneLine(gguf)}' is not a GGUF file, expected a name that ends in .gguf.");
        if (SplitGguf().IsMatch(gguf))
            throw new SkTuningException($"{where}: '{gguf}' is one part of a split GGUF, which cannot be read. Choose a model that is one file.");
        return files.Contains(gguf) ? gguf
            : throw SkTuningException.BadFile(where, HubRepository.OneLine(gguf), "missing", "a file of the repository", GgufAdvice(files));
    }

    private static string? GgufAdvice(IReadOnlySet<string> files)
        => files.Where(f => f.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)).ToHashSet() is { Count: > 0 } gguf
            ? $"Choose one of its GGUF files (ggufFile, --gguf): {Listed(gguf)}." : null;

    private static string Listed(IReadOnlySet<string> files)
    {
        var names = files.Order(StringComparer.Ordinal).ToList();
        return names.Count == 0 ? "no files"
            : string.Join(", ", names.Take(8).Select(HubRepository.OneLine)) + (names.Count > 8 ? $" and {names.Count - 8} more" : "");
    }

    [GeneratedRegex(@"-\d{5}-of-\d{5}\.gguf\z", RegexOptions.IgnoreCase)]
    private static partial Regex SplitGguf();
}
