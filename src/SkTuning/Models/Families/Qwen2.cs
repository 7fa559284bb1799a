using SkTuning.Models.Gguf;

namespace SkTuning.Models.Families;

/// <summary>Qwen 2 and 2.5: Llama with biases on q, k and v; the upper layers may have a window. Source: transformers' Qwen2Config, Qwen2Model.</summary>
internal sealed class Qwen2 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["qwen2"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("qwen2", c, new(151936, 4096, 22016, 32, 32, 32, 32768, 1e-6f));
        return llama with
        {
            Windows = UpperWindows(c, llama.Layers),
            Attention = llama.Attention with { Bias = true, OutputBias = false },
            FeedForward = llama.FeedForward with { Bias = false },
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named;

    /// <summary>Returns the windows: with <c>use_sliding_window</c>, every layer from <c>max_window_layers</c> has one.</summary>
    internal static IReadOnlyList<int?>? UpperWindows(ConfigJson c, int layers)
    {
        var first = c.Int("max_window_layers", 28);
        return c.Windows(layers, c.Bool("use_sliding_window", false) ? c.Window(4096) : null, layer => layer >= first);
    }

    public override GgufArchitecture Gguf => new("qwen2")
    {
        Weights = Llama.Named,
        WriteConfig = static (json, settings) =>
        {
            Llama.WriteGgufConfig(json, settings, "qwen2");
            json.WriteString("hidden_act", "silu");
            json.WriteBoolean("use_sliding_window", false);
            RotarySettings.Write(json, settings);
        },
    };
}
