using System.Text.Json;
using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>Llama 1-3 and the many models with its architecture. Source: transformers' LlamaConfig, LlamaModel.</summary>
internal sealed class Llama : ModelFamily
{
    /// <summary>
    /// The values that a family uses for missing keys of config.json. KeyValueHeads null: the number of heads; HeadSize null: hidden / heads.
    /// </summary>
    internal sealed record Defaults(
        int Vocabulary, int Hidden, int Inner, int Layers, int Heads, int? KeyValueHeads, int Context, float Epsilon,
        double Theta = 10000, int? HeadSize = null, bool Tied = false);

    public override IReadOnlyList<string> Names => ["llama"];

    protected override ModelConfig ReadTraits(ConfigJson c) => Of("llama", c, new(32000, 4096, 11008, 32, 32, null, 2048, 1e-6f));

    public override WeightNames Weights(ModelConfig config) => Named;

    /// <summary>Reads the traits that the families based on Llama share; each family changes what differs with <c>with</c>.</summary>
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
            Norm = NormTrait.Rms(c.Epsilon("rms_norm_eps", d.Epsilon)),
            Positions = new RotaryPositions([RotaryTrait.Read(c, headSize, context, d.Theta)]),
            Attention = new()
            {
                Heads = heads, KeyValueHeads = c.KeyValueHeads(heads, d.KeyValueHeads), HeadSize = headSize, Bias = c.Bool("attention_bias", false),
            },
            FeedForward = new()
            {
                Size = c.Size("intermediate_size", d.Inner), Activation = ActivationOf(c, "hidden_act", "silu"), Gated = true, Bias = c.Bool("mlp_bias", false),
            },
            Head = new() { Tied = c.Bool("tie_word_embeddings", d.Tied) },
        };
    }

    /// <summary>The names that the families based on Llama share.</summary>
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

    /// <summary>
    /// Llama 1-3, Mistral, SmolLM and everything else that is converted under this name. The file does not say which of them it was; they compute alike,
    /// except that only Mistral has a window.
    /// </summary>
    public override GgufArchitecture Gguf => new("llama")
    {
        Weights = Named,
        Change = static (part, tensor, settings) => part switch
        {
            "attn_q" => TensorChange.RotatedByPairs(tensor, settings.Heads, settings),
            "attn_k" => TensorChange.RotatedByPairs(tensor, settings.KeyValueHeads, settings),
            _ => TensorChange.None,
        },
        WriteConfig = static (json, settings) =>
        {
            var window = settings.IntOrNull("attention.sliding_window") ?? 0;
            WriteGgufConfig(json, settings, window > 0 ? "mistral" : "llama");
            if (window > 0) json.WriteNumber("sliding_window", window);
            json.WriteString("hidden_act", "silu");
            json.WriteBoolean("attention_bias", settings.LayerHas("attn_q.bias"));
            json.WriteBoolean("mlp_bias", settings.LayerHas("ffn_up.bias"));
            RotarySettings.Write(json, settings);
        },
    };

    /// <summary>Writes the part of config.json that the families based on Llama share.</summary>
    internal static void WriteGgufConfig(Utf8JsonWriter json, GgufSettings settings, string modelType)
    {
        settings.WriteShared(json, modelType);
        settings.WriteSizes(json);
        json.WriteNumber("head_dim", settings.HeadSize);
        json.WriteNumber("rms_norm_eps", settings.Float("attention.layer_norm_rms_epsilon"));
    }
}
