namespace SkTuning.Models.Families;

/// <summary>
/// SmolLM3: Llama without positions in every fourth layer; these layers may have a window. Source: transformers' SmolLM3Config, SmolLM3Model.
/// </summary>
internal sealed class SmolLm3 : ModelFamily
{
    public override IReadOnlyList<string> Names => ["smollm3"];

    protected override ModelConfig ReadTraits(ConfigJson c)
    {
        var llama = Llama.Of("smollm3", c, new(128256, 2048, 11008, 36, 16, 4, 32768, 1e-6f, Theta: 2e6, Tied: true));
        var rotated = RotaryLayers(c, llama.Layers);
        var rotary = ((RotaryPositions)llama.Positions)[0];
        return llama with
        {
            Positions = new RotaryPositions([.. rotated.Select(r => r ? rotary : null)]),
            Windows = c.Windows(llama.Layers, c.Bool("use_sliding_window", false) ? c.Window() : null, layer => !rotated[layer]),
        };
    }

    public override WeightNames Weights(ModelConfig config) => Llama.Named;

    /// <summary>Returns whether each layer has rotary positions: an entry of 1 in <c>no_rope_layers</c> means that it does.</summary>
    private static bool[] RotaryLayers(ConfigJson c, int layers)
    {
        var interval = c.Size("no_rope_layer_interval", 4);
        var list = c.Ints("no_rope_layers") ?? [.. Enumerable.Range(0, layers).Select(l => (l + 1) % interval != 0 ? 1 : 0)];
        if (list.Length < layers || list.Any(v => v is not (0 or 1)))
            throw c.Refused("no_rope_layers", $"{list.Length} entries", $"0 or 1 for each of the {layers} layers");
        return [.. list.Take(layers).Select(v => v == 1)];
    }
}
