using SkTuning.Metrics;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Peft.Merging;

/// <summary>
/// What an adapter's injection means for the checkpoint's tensors, by their names below the base prefix. Only what is done to linears (LoRA, IA3) and tensors in place
/// of frozen ones (BitFit, trained layers) can be merged: a prefix or a soft prompt stands for no weight.
/// </summary>
internal sealed class WeightChanges
{
    private readonly Dictionary<string, Tensor> _replaced = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MergedLinear> _linears = new(StringComparer.Ordinal);

    private WeightChanges(string method, string family) => (Method, Family) = (method, family);

    private string Method { get; }

    private string Family { get; }

    /// <param name="method">The method's name, for errors.</param>
    /// <param name="transformer">The frozen model.</param>
    /// <param name="injection">What the method puts into its passes; its tensors must live as long as this.</param>
    /// <exception cref="SkTuningException">It cannot be merged; the message says why.</exception>
    public static WeightChanges Of(string method, Transformer transformer, Injection injection)
    {
        var changes = new WeightChanges(method, transformer.Config.Family);
        if (injection.Prefix is not null || injection.InputPrompt is not null)
            throw changes.Refused("puts keys and values or vectors in front of each text, which no weight stands for", "a method that changes weights: lora, ia3, bitfit, top-layers");
        if (injection.Linears is null or { Count: 0 } && injection.Parameters is null or { Count: 0 })
            throw changes.Refused("changes nothing in the model", "a method that changes weights: lora, ia3, bitfit, top-layers");
        if (transformer.SharesLayers) throw changes.Refused($"changes each layer in its own way, and the layers of {changes.Family} share their weights", "a model whose layers have their own");
        foreach (var (name, value) in injection.Parameters ?? new Dictionary<string, Tensor>()) changes._replaced[name] = value;
        foreach (var (place, change) in injection.Linears ?? new Dictionary<LinearPlace, LinearOverride>())
        {
            var whole = Whole(transformer, place);
            if (!changes._linears.TryGetValue(whole.Module!, out var linear)) changes._linears[whole.Module!] = linear = new(transformer.Config, whole);
            linear.Add(place.Part, change);
        }
        return changes;
    }

    /// <summary>True when a tensor changes.</summary>
    public bool Touches(string name)
        => _replaced.ContainsKey(name) || Linear(name, ".weight") is not null || Linear(name, ".bias") is { ChangesBias: true };

    /// <summary>The changed tensor in fp32, new, in the caller's dispose scope.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="stored">It as the checkpoint has it.</param>
    public Tensor Apply(string name, Tensor stored)
    {
        // A copy always: the checkpoint's values may be a mapped file's.
        var value = (_replaced.TryGetValue(name, out var replaced) ? replaced.detach().cpu() : stored).to_type(ScalarType.Float32, copy: true);
        Linear(name, ".weight")?.Weight(value);
        Linear(name, ".bias")?.Bias(value);
        return value;
    }

    /// <summary>Refuses a checkpoint that lacks a place for some change.</summary>
    /// <param name="present">The names of its tensors below the base prefix.</param>
    public void Check(IReadOnlySet<string> present)
    {
        if (_linears.Values.FirstOrDefault(l => l.NeedsBias && !present.Contains(l.Module + ".bias")) is { } bare)
            throw Refused($"adds a bias to {bare.Module}, which has none in checkpoints of {Family}", "a model whose linears have biases, or another method");
        foreach (var name in _replaced.Keys.Concat(_linears.Values.Select(l => l.Module + ".weight")))
            if (!present.Contains(name)) throw Refused($"changes {name}, which the model's files do not have", "the files that the model was loaded from");
    }

    private MergedLinear? Linear(string name, string ending) => name.EndsWith(ending, StringComparison.Ordinal) ? _linears.GetValueOrDefault(name[..^ending.Length]) : null;

    /// <summary>The linear that the checkpoint has: of a part, the fused one that it is in.</summary>
    private static LinearSite Whole(Transformer transformer, LinearPlace place)
    {
        var site = transformer.Linears[place];
        return site.Module is not null ? site : transformer.Linears[new(place.Layer, place.Part is LinearPart.Gate or LinearPart.Up ? LinearPart.GateUp : LinearPart.QueryKeyValue)];
    }

    private SkTuningException Refused(string why, string expected) => new($"The adapter cannot be merged: {Method} {why}; expected {expected}.");
}
