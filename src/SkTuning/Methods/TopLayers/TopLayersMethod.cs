using SkTuning.Batches;
using SkTuning.Models;

namespace SkTuning.Methods.TopLayers;

/// <summary>Replaces all weights of the last layers and of the final norm with trained copies.</summary>
/// <param name="transformer">The model.</param>
/// <param name="count">The number of last layers.</param>
internal sealed class TopLayersMethod(Transformer transformer, int count) : TuningMethod
{
    public override IReadOnlyList<ParameterSpec> Parameters { get; } =
        [.. transformer.ReplaceableFrom(transformer.Config.Layers - count)
            .Select(n => new ParameterSpec(n, transformer.Replaceable[n].shape, ParameterStarts.Copy(transformer.Replaceable[n])))];

    public override int Length => 0;

    public override Injection Inject(ParameterSet parameters, bool training)
        => new() { Parameters = Parameters.ToDictionary(p => p.Name, p => parameters.Adapter(p.Name)) };
}
