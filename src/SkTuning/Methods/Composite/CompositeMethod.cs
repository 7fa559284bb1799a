using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Prompts;

namespace SkTuning.Methods.Composite;

/// <summary>Several methods on one model. The names of their tensors begin with the method: <c>adapter.lora.0.query.down</c>.</summary>
internal sealed class CompositeMethod : TuningMethod
{
    private readonly IReadOnlyList<(string Name, TuningMethod Method)> _parts;

    public CompositeMethod(IReadOnlyList<(string Name, TuningMethod Method)> parts)
    {
        _parts = parts;
        // Tensors that replace frozen ones have the same names as these.
        foreach (var same in parts.SelectMany(p => p.Method.Parameters.Select(s => (Part: p.Name, s.Name))).GroupBy(s => s.Name).Where(g => g.Count() > 1))
            throw new SkTuningException($"The methods {same.First().Part} and {same.Last().Part} cannot be joined: both train '{same.Key}'.");
        Parameters = [.. parts.SelectMany(p => p.Method.Parameters.Select(s => s with { Name = $"{p.Name}.{s.Name}" }))];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => _parts.Sum(p => p.Method.Length);

    public override bool HoldsStart => _parts.Any(p => p.Method.HoldsStart);

    public override bool ReadsText => _parts.Any(p => p.Method.ReadsText);

    public override Func<EncodedRow, PromptPart?>? OwnDemonstration
    {
        get => _parts[0].Method.OwnDemonstration;
        set
        {
            foreach (var (_, method) in _parts) method.OwnDemonstration = value;
        }
    }

    public override Injection ForRows(Injection injection, TokenBatch batch, ParameterSet parameters, bool training)
    {
        foreach (var (name, method) in _parts) injection = method.ForRows(injection, batch, parameters.Below(name), training);
        return injection;
    }

    public override Injection Inject(ParameterSet parameters, bool training)
    {
        var (names, merged) = ("", Injection.None);
        foreach (var (name, method) in _parts)
        {
            merged = InjectionMerge.Of(names, merged, name, method.Inject(parameters.Below(name), training));
            names = names.Length == 0 ? name : $"{names}+{name}";
        }
        return merged;
    }
}
