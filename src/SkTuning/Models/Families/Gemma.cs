using SkTuning.Checkpoints.Gguf;
using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>Gemma 1: Llama with scaled word embeddings and norms stored as the difference from one. Source: transformers' GemmaConfig, GemmaModel.</summary>
internal sealed class Gemma : ModelFamily
{
    public override IReadOnlyList<string> Names => ["gemma"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        // In older folders hidden_activation holds the value that hidden_act was meant to have.
        var key = c.Has("hidden_activation") ? "hidden_activation" : "hidden_act";
        return Of("gemma", c, new(256000, 3072, 24576, 28, 16, 16, 8192, 1e-6f, HeadSize: 256, Tied: true), key);
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named;

    /// <summary>Reads the traits that the three Gemmas share.</summary>
    internal static ModelConfig Of(string family, ConfigJson c, Llama.Defaults defaults, string activation)
    {
        c.Only("use_bidirectional_attention", c.Bool("use_bidirectional_attention", false), false);
        var llama = Llama.Of(family, c, defaults);
        return llama with
        {
            Norm = llama.Norm with { AddsOne = true },
            Embedding = new() { Scale = MathF.Sqrt(llama.Hidden) },
            FeedForward = llama.FeedForward with { Activation = ActivationOf(c, activation, "gelu_pytorch_tanh"), Bias = false },
        };
    }

    public override GgufArchitecture Gguf => new("gemma")
    {
        Weights = Llama.Named,
        Change = UndoNorms,
        WriteConfig = static (json, settings) =>
        {
            Llama.WriteGgufConfig(json, settings, "gemma");
            json.WriteString("hidden_act", "gelu_pytorch_tanh");
            json.WriteBoolean("attention_bias", false);
            RotarySettings.Write(json, settings);
        },
    };

    /// <summary>Undoes the addition of 1 to the weights of every norm, which the converter does for the three Gemmas.</summary>
    internal static TensorChange UndoNorms(string part, GgufTensor tensor, GgufSettings settings)
        => part.EndsWith("norm", StringComparison.Ordinal) ? new TensorChange.MinusOne() : TensorChange.None;
}
