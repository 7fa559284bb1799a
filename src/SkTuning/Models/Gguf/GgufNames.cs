using System.Globalization;

namespace SkTuning.Models.Gguf;

/// <summary>Maps the names of tensors in a GGUF file to names in the Hugging Face checkpoint, without <c>.weight</c> or <c>.bias</c>.</summary>
internal sealed class GgufNames
{
    /// <summary>GGUF's name of the norm of queries.</summary>
    public const string QueryNorm = "attn_q_norm";

    private readonly Dictionary<string, string> _outer, _layer;
    private readonly string _layerPrefix;
    private readonly int _layers;

    public GgufNames(GgufArchitecture architecture, GgufSettings settings)
    {
        var (n, prefix) = (architecture.Weights, architecture.Weights.Prefixes[0]);
        (_layerPrefix, _layers) = (prefix + n.Layer, settings.Layers);
        _outer = Known(
            ("token_embd", prefix + n.Embedding), ("token_embd_norm", Below(n.EmbeddingNorm)), ("position_embd", Below(n.Positions)),
            ("token_types", Below(n.TokenTypes)), ("output_norm", Below(n.FinalNorm)), ("output", n.Head));
        _layer = Known(
            ("attn_norm", n.AttentionNorm), ("attn_q", n.Query), ("attn_k", n.Key), ("attn_v", n.Value), ("attn_qkv", n.Fused), ("attn_output", n.Output),
            (QueryNorm, n.QueryNorm), ("attn_k_norm", n.KeyNorm), ("post_attention_norm", n.AttentionOutputNorm),
            ("ffn_norm", n.FeedForwardNorm), ("ffn_gate", n.Gate), ("ffn_up", n.Up), ("ffn_down", n.Down), ("post_ffw_norm", n.FeedForwardOutputNorm));
        foreach (var (part, name) in architecture.OtherNames?.Invoke(settings) ?? new Dictionary<string, string>()) _layer[part] = name;

        string? Below(string? name) => name is null ? null : prefix + name;
    }

    /// <summary>
    /// Returns the name in the checkpoint and the part of the model (<c>attn_q</c>), or null if the name is unknown. A name with {0} means one tensor for each
    /// head.
    /// </summary>
    public (string Name, string Part)? Find(string tensor)
    {
        if (_outer.TryGetValue(tensor, out var outer)) return (outer, tensor);
        const string prefix = "blk.";
        if (!tensor.StartsWith(prefix, StringComparison.Ordinal) || tensor.IndexOf('.', prefix.Length) is not (> 4 and var end)) return null;
        var (number, part) = (tensor[prefix.Length..end], tensor[(end + 1)..]);
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var layer) && layer < _layers
            && number == layer.ToString(CultureInfo.InvariantCulture) && _layer.TryGetValue(part, out var name)
            ? (_layerPrefix.Replace("{0}", number, StringComparison.Ordinal) + name, part)
            : null;
    }

    private static Dictionary<string, string> Known(params ReadOnlySpan<(string Gguf, string? Name)> names)
    {
        var known = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (gguf, name) in names)
            if (name is not null) known[gguf] = name;
        return known;
    }
}
