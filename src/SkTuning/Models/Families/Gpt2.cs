using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>GPT-2 and models trained with its code: learned positions, weights stored as [in, out]. Source: transformers' GPT2Config, GPT2Model.</summary>
internal sealed class Gpt2 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gpt2"];

    public override ClassifierTrait Classifier => ClassifierTrait.DecoderWithTokenClassifier;

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var gpt = Of("gpt2", c, "gelu_new");
        return gpt with
        {
            TransposedLinears = true,
            Attention = gpt.Attention with { Fused = FusedLayout.Concatenated, ScaleByLayer = c.Bool("scale_attn_by_inverse_layer_idx", false) },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Named;

    /// <summary>Reads the traits that GPT-2 and GPT-BigCode share.</summary>
    internal static ModelConfig Of(string family, ConfigJson c, string activation)
    {
        c.Only("add_cross_attention", c.Bool("add_cross_attention", false), false);
        var (hidden, heads) = (c.Size(["n_embd", "hidden_size"], 768), c.Size(["n_head", "num_attention_heads"], 12));
        var context = c.Size(["n_positions", "max_position_embeddings", "n_ctx"], 1024);
        return new()
        {
            Family = family,
            Layers = c.Layers(["n_layer", "num_hidden_layers"], 12),
            Hidden = hidden,
            Vocabulary = c.Size("vocab_size", 50257),
            Context = context,
            Norm = NormTrait.Layer(c.Epsilon("layer_norm_epsilon", 1e-5f)),
            Positions = new LearnedPositions(context),
            Attention = new()
            {
                Heads = heads, KeyValueHeads = heads, HeadSize = c.Share(hidden, heads), Bias = true, Scale = c.Bool("scale_attn_weights", true) ? null : 1,
            },
            FeedForward = new() { Size = c.Size("n_inner", 4 * hidden), Activation = ActivationOf(c, "activation_function", activation), Bias = true },
            Head = new() { Tied = c.Bool("tie_word_embeddings", true) },
        };
    }

    internal static WeightNames Named { get; } = new()
    {
        Prefixes = ["transformer.", ""],
        Embedding = "wte",
        Positions = "wpe",
        FinalNorm = "ln_f",
        Head = "lm_head",
        Layer = "h.{0}.",
        AttentionNorm = "ln_1",
        Fused = "attn.c_attn",
        Output = "attn.c_proj",
        FeedForwardNorm = "ln_2",
        Up = "mlp.c_fc",
        Down = "mlp.c_proj",
        Unused = [.. WeightNames.TaskHeads, ".attn.bias", ".attn.masked_bias"],
    };

    /// <summary>The checkpoint's matrices are [in, out], the file has them [out, in].</summary>
    public override GgufArchitecture Gguf => new("gpt2")
    {
        Weights = Named,
        Change = static (part, tensor, _) => tensor.Shape.Length == 2 && part is "attn_qkv" or "attn_output" or "ffn_up" or "ffn_down"
            ? new TensorChange.Transposed() : TensorChange.None,
        WriteConfig = static (json, settings) =>
        {
            settings.WriteShared(json, "gpt2");
            json.WriteNumber("n_embd", settings.Hidden);
            json.WriteNumber("n_layer", settings.Layers);
            json.WriteNumber("n_head", settings.Heads);
            json.WriteNumber("n_inner", settings.FeedForward);
            json.WriteNumber("n_positions", settings.File.Tensors.TryGetValue("position_embd.weight", out var positions) && positions.Shape.Length == 2
                ? positions.Shape[0] : settings.Context);
            json.WriteNumber("layer_norm_epsilon", settings.Float("attention.layer_norm_epsilon"));
            json.WriteString("activation_function", "gelu_new");
        },
    };
}
