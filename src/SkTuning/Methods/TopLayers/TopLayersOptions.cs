using SkTuning.Batches;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning;

/// <summary>
/// Full fine-tuning of the last layers, and of the norm behind them: every weight of theirs is trained in a copy. The largest of the methods; its
/// adapter holds those weights. Step 0 is the frozen model. It reads no prompt.
/// </summary>
public sealed record TopLayersOptions : TuningOptions
{
    /// <summary>How many layers, counted from the last, 1 or more. Default: 1.</summary>
    public int Layers { get; init; } = 1;

    internal override void Validate() => Check(nameof(Layers), Layers, Layers >= 1, "1 or more");

    internal override double? OwnRate => 2e-4;

    internal override int? PromptLayers => 0;

    internal override int Length(int promptTokens) => 0;

    internal override TuningMethod CreateMethod(ModelConfig config, PromptEncoding prompt)
    {
        Check(nameof(Layers), Layers, Layers <= config.Layers, $"at most the model's {config.Layers} layers");
        if (prompt.Reader.SharesLayers) throw new SkTuningException($"top-layers: the layers of {config.Family} share their weights, expected a model whose layers have their own.");
        return new TopLayersMethod(prompt.Reader, Layers);
    }

    private sealed class TopLayersMethod(Transformer transformer, int count) : TuningMethod
    {
        public override IReadOnlyList<ParameterSpec> Parameters { get; } =
            [.. transformer.ReplaceableFrom(transformer.Config.Layers - count).Select(n => new ParameterSpec(n, transformer.Replaceable[n].shape, ParameterStarts.Copy(transformer.Replaceable[n])))];

        public override int Length => 0;

        public override Injection Inject(ParameterSet parameters, bool training) => new() { Parameters = Parameters.ToDictionary(p => p.Name, p => parameters.Adapter(p.Name)) };
    }
}
