using SkTuning.Batches;
using SkTuning.Models;

namespace SkTuning.Methods.Composite;

/// <summary>Each part's tensors are named below the part: <c>adapter.lora.0.query.down</c>.</summary>
internal sealed class CompositeMethod : TuningMethod
{
    private readonly IReadOnlyList<(string Name, TuningMethod Method)> _parts;

    public CompositeMethod(IReadOnlyList<(string Name, TuningMethod Method)> parts)
    {
        _parts = parts;
        // Tensors in place of frozen ones are named after these.
        foreach (var same in parts.SelectMany(p => p.Method.Parameters.Select(s => (Part: p.Name, s.Name))).GroupBy(s => s.Name).Where(g => g.Count() > 1))
            throw new SkTuningException($"The methods {same.First().Part} and {same.Last().Part} cannot be joined: both train '{same.Key}'.");
        Parameters = [.. parts.SelectMany(p => p.Method.Parameters.Select(s => s with { Name = $"{p.Name}.{s.Name}" }))];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => _parts.Sum(p => p.Method.Length);

    public override bool HoldsStart => _parts.Any(p => p.Method.HoldsStart);

    public override Injection Inject(ParameterSet parameters, bool training)
    {
        var (names, whole) = ("", Injection.None);
        foreach (var (name, method) in _parts)
        {
            whole = InjectionMerge.Of(names, whole, name, method.Inject(parameters.Below(name), training));
            names = names.Length == 0 ? name : $"{names}+{name}";
        }
        return whole;
    }
}
