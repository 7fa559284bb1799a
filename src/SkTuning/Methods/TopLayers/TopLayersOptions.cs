using SkTuning.Methods;
using SkTuning.Methods.TopLayers;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// The options of full fine-tuning of the last layers and the final norm: a copy of all their weights is trained. The method has the most parameters, and its
/// adapter holds these weights. Step 0 is the frozen model. The method reads no prompt.
/// </summary>
public sealed record TopLayersOptions : TuningOptions
{
    /// <summary>The number of last layers to train, 1 or more. The default is 1.</summary>
    public int Layers { get; init; } = 1;

    internal override void Validate() => Check(nameof(Layers), Layers, Layers >= 1, "1 or more");

    internal override double? OwnRate => 2e-4;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt)
    {
        Check(nameof(Layers), Layers, Layers <= config.Layers, $"at most the model's {config.Layers} layers");
        if (prompt.Reader.SharesLayers)
            throw new SkTuningException($"top-layers: the layers of {config.Family} share their weights, expected a model whose layers have their own.");
        return new TopLayersMethod(prompt.Reader, Layers);
    }
}
