using SkTuning.Batches;
using SkTuning.Models;

namespace SkTuning.Methods.BitFit;

/// <summary>Replaces the frozen biases, or adds one to each linear layer of a model that has none.</summary>
internal sealed class BitFitMethod : TuningMethod
{
    private readonly IReadOnlyList<string> _replaced;
    private readonly IReadOnlyList<LinearSite> _added;

    public BitFitMethod(Transformer transformer)
    {
        _replaced = [.. transformer.Replaceable.Keys.Where(n => n.EndsWith(".bias", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        _added = _replaced.Count > 0 ? [] : [.. transformer.Linears.Sites.Where(s => s.Module is not null)];
        Parameters =
        [
            .. _replaced.Select(n => new ParameterSpec(n, transformer.Replaceable[n].shape, ParameterStarts.Copy(transformer.Replaceable[n]))),
            .. _added.Select(s => new ParameterSpec(s.Module + ".bias", [s.Outputs], ParameterStarts.Zero)),
        ];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => 0;

    public override Injection Inject(ParameterSet parameters, bool training) => new()
    {
        Parameters = _replaced.Count == 0 ? null : _replaced.ToDictionary(n => n, parameters.Adapter),
        Linears = _added.Count == 0 ? null : _added.ToDictionary(s => s.Place, s => new LinearOverride { Bias = parameters.Adapter(s.Module + ".bias") }),
    };
}
