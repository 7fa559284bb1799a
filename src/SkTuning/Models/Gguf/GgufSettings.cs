using System.Text.Json;
using SkTuning.Checkpoints.Gguf;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Models.Gguf;

/// <summary>The settings of a GGUF file, <c>{architecture}.{key}</c>, with the sizes that every family needs.</summary>
internal sealed class GgufSettings
{
    private readonly string _prefix;

    public GgufSettings(GgufFile file, string architecture)
    {
        (File, _prefix) = (file, architecture + ".");
        Tokenizer = GgufVocabulary.Read(file);
        Layers = Size("block_count", file.Tensors.Count);
        Hidden = Size("embedding_length");
        Heads = Size("attention.head_count");
        KeyValueHeads = file.Metadata.Has(_prefix + "attention.head_count_kv") ? Size("attention.head_count_kv") : Heads;
        if (Heads % KeyValueHeads != 0) throw Bad("attention.head_count_kv", $"{KeyValueHeads}", $"a divisor of the {Heads} heads");
        HeadSize = IntOrNull("attention.key_length") is not null ? Size("attention.key_length")
            : Hidden % Heads == 0 ? Hidden / Heads : throw Bad("attention.head_count", $"{Heads}", $"a divisor of the width {Hidden}");
        if (IntOrNull("attention.value_length") is { } values && values != HeadSize)
            throw Bad("attention.value_length", $"{values}", $"{HeadSize}, the size of a key");
        if (IntOrNull("expert_count") is > 0 and var experts) throw Bad("expert_count", $"{experts}", "a model without experts");
        if (!file.Tensors.TryGetValue("token_embd.weight", out var embedding) || embedding.Shape.Length != 2)
            throw SkTuningException.BadFile(file.Path, "token_embd.weight", embedding?.ShapeText ?? "missing", "the word embeddings, [tokens, size]");
        Vocabulary = embedding.Shape[0];
        TiedHead = !file.Tensors.TryGetValue("output.weight", out var output) || SameBytes(file, embedding, output);
    }

    public GgufFile File { get; }

    /// <summary>The tokenizer entries of the file; null: none.</summary>
    public GgufTokenizer? Tokenizer { get; }

    public int Layers { get; }
    public int Hidden { get; }
    public int Heads { get; }
    public int KeyValueHeads { get; }
    public int HeadSize { get; }
    public int FeedForward => Size("feed_forward_length");
    public int Context => Size("context_length");
    public long Vocabulary { get; }

    /// <summary>Whether the LM head is the matrix of the word embeddings: it has no tensor, or one with the same bytes.</summary>
    public bool TiedHead { get; }

    // Some converters wrote tied embeddings twice. The comparison ends at the first difference.
    private static bool SameBytes(GgufFile file, GgufTensor a, GgufTensor b)
    {
        if (a.Type != b.Type || !a.Shape.SequenceEqual(b.Shape)) return false;
        const int piece = 1 << 20;
        for (long at = 0; at < a.Bytes; at += piece)
        {
            var length = (int)Math.Min(piece, a.Bytes - at);
            if (!file.Map.Slice(a.Offset + at, length).SequenceEqual(file.Map.Slice(b.Offset + at, length))) return false;
        }
        return true;
    }

    /// <summary>Returns whether the file has a tensor.</summary>
    public bool Has(string tensor) => File.Tensors.ContainsKey(tensor);

    /// <summary>Returns whether the first layer has a tensor.</summary>
    public bool LayerHas(string tensor) => Has("blk.0." + tensor);

    public long? IntOrNull(string key) => File.Metadata.IntOrNull(_prefix + key);

    /// <summary>Returns a number or null. The file stores fp32 or less, so a float has the digits that the author of the model wrote.</summary>
    public float? FloatOrNull(string key)
    {
        if (File.Metadata.FloatOrNull(_prefix + key) is not { } number) return null;
        if (!float.IsFinite((float)number)) throw Bad(key, FormattableString.Invariant($"{number}"), "a number that fits 32 bits");
        if (key.EndsWith("epsilon", StringComparison.Ordinal) && number is not (>= 0 and < 1))
            throw Bad(key, FormattableString.Invariant($"{number}"), "a number from 0 to below 1");
        return (float)number;
    }

    public bool? BoolOrNull(string key) => File.Metadata.BoolOrNull(_prefix + key);
    public string? StringOrNull(string key) => File.Metadata.StringOrNull(_prefix + key);
    public bool[]? BoolsOrNull(string key)
        => File.Metadata.Find(_prefix + key) is { Type: GgufValueType.Array } ? File.Metadata.BoolsOrNull(_prefix + key) : null;

    public float Float(string key) => FloatOrNull(key) ?? throw Bad(key, "missing", "a number");

    /// <summary>Reads a size from 1 to <paramref name="max"/>. A list with an entry for each layer must have the same size everywhere.</summary>
    public int Size(string key, int max = int.MaxValue)
    {
        var size = File.Metadata.Find(_prefix + key) is { Type: GgufValueType.Array } ? SameForAll(key) : File.Metadata.Int(_prefix + key);
        return size >= 1 && size <= max ? (int)size : throw Bad(key, $"{size}", $"1 to {max}");
    }

    private long SameForAll(string key)
    {
        var sizes = File.Metadata.Ints(_prefix + key);
        return sizes.Length > 0 && sizes.All(s => s == sizes[0]) ? sizes[0]
            : throw Bad(key, "a list that differs from layer to layer", "one size for all layers");
    }

    /// <summary>Returns the exception for a setting that is refused.</summary>
    public SkTuningException Bad(string key, string found, string expected, string? advice = null)
        => SkTuningException.BadFile(File.Path, _prefix + key, found, expected, advice);

    /// <summary>Writes the settings that have the same names in all Hugging Face families.</summary>
    public void WriteShared(Utf8JsonWriter json, string modelType)
    {
        json.WriteString("model_type", modelType);
        json.WriteNumber("vocab_size", Vocabulary);
        json.WriteBoolean("tie_word_embeddings", TiedHead);
        WriteId("bos_token_id", Tokenizer?.BosId);
        WriteId("eos_token_id", Tokenizer?.EosId);
        WriteId("pad_token_id", Tokenizer?.PaddingId);

        void WriteId(string key, int? id)
        {
            if (id is { } known) json.WriteNumber(key, known);
        }
    }

    /// <summary>Writes the sizes under the names that most families share.</summary>
    public void WriteSizes(Utf8JsonWriter json)
    {
        json.WriteNumber("hidden_size", Hidden);
        json.WriteNumber("num_hidden_layers", Layers);
        json.WriteNumber("num_attention_heads", Heads);
        json.WriteNumber("num_key_value_heads", KeyValueHeads);
        json.WriteNumber("intermediate_size", FeedForward);
        json.WriteNumber("max_position_embeddings", Context);
    }
}
