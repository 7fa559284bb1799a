using SkTuning.Heads;
using SkTuning.Tokenizers.SubwordModels;

namespace SkTuning.Models.Families;

/// <summary>Llama 1-3 and its many children. Source: transformers' LlamaConfig, LlamaModel.</summary>
internal sealed class Llama : ModelFamily
{
    /// <summary>What a family takes where config.json is silent. KeyValueHeads null: as many as heads; HeadSize null: hidden / heads.</summary>
    internal sealed record Defaults(
        int Vocabulary, int Hidden, int Inner, int Layers, int Heads, int? KeyValueHeads, int Context, float Epsilon, double Theta = 10000, int? HeadSize = null, bool Tied = false);

    public override IReadOnlyList<string> Names => ["llama"];

    public override ModelConfig Read(ConfigJson c) => Of("llama", c, new(32000, 4096, 11008, 32, 32, null, 2048, 1e-6f));

    public override WeightNames Weights(ModelConfig config) => Named;

    /// <summary>The traits that Llama's children share; each changes with <c>with</c> what is its own.</summary>
    internal static ModelConfig Of(string family, ConfigJson c, Defaults d)
    {
        var (hidden, heads, context) = (c.Size("hidden_size", d.Hidden), c.Size("num_attention_heads", d.Heads), c.Size("max_position_embeddings", d.Context));
        var headSize = c.HeadSize(hidden, heads, d.HeadSize);
        return new()
        {
            Family = family,
            Layers = c.Layers("num_hidden_layers", d.Layers),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", d.Vocabulary),
            Context = context,
            Norm = NormTrait.Rms(c.Float("rms_norm_eps", d.Epsilon)),
            Positions = new RotaryPositions([RotaryTrait.Read(c, headSize, context, d.Theta)]),
            Attention = new() { Heads = heads, KeyValueHeads = c.KeyValueHeads(heads, d.KeyValueHeads), HeadSize = headSize, Bias = c.Bool("attention_bias", false) },
            FeedForward = new() { Size = c.Size("intermediate_size", d.Inner), Activation = ActivationOf(c, "hidden_act", "silu"), Gated = true, Bias = c.Bool("mlp_bias", false) },
            Head = new() { Tied = c.Bool("tie_word_embeddings", d.Tied) },
        };
    }

    /// <summary>The names that Llama's children share.</summary>
    internal static WeightNames Named { get; } = new()
    {
        Prefixes = ["model.", ""],
        Embedding = "embed_tokens",
        FinalNorm = "norm",
        Head = "lm_head",
        Layer = "layers.{0}.",
        AttentionNorm = "input_layernorm",
        Query = "self_attn.q_proj",
        Key = "self_attn.k_proj",
        Value = "self_attn.v_proj",
        Output = "self_attn.o_proj",
        FeedForwardNorm = "post_attention_layernorm",
        Gate = "mlp.gate_proj",
        Up = "mlp.up_proj",
        Down = "mlp.down_proj",
        Unused = [.. WeightNames.TaskHeads, "rotary_emb.inv_freq"],
    };
}
