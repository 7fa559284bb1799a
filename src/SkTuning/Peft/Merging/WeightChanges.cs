using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Peft.Merging;

/// <summary>
/// The changes of a checkpoint's tensors that correspond to an adapter's injection, by the tensors' names after the base prefix. Only changes of linear
/// layers (LoRA, IA3) and replaced tensors (BitFit, top layers) can be merged: no weight corresponds to a prefix or a soft prompt.
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
    /// <param name="injection">What the method injects; its tensors must outlive the changes.</param>
    /// <exception cref="SkTuningException">The method cannot be merged; the message says why.</exception>
    public static WeightChanges Of(string method, Transformer transformer, Injection injection)
    {
        var changes = new WeightChanges(method, transformer.Config.Family);
        if (injection.Prefix is not null || injection.InputPrompt is not null)
            throw changes.Refused("inserts keys and values or vectors before each text, to which no weight corresponds",
                "a method that changes weights: lora, ia3, bitfit, top-layers");
        if (injection.Memory is not null)
            throw changes.Refused("adds a memory to the output of attention, to which no weight corresponds",
                "a method that changes weights: lora, ia3, bitfit, top-layers");
        if (injection.Linears is null or { Count: 0 } && injection.Parameters is null or { Count: 0 })
            throw changes.Refused("changes nothing in the model", "a method that changes weights: lora, ia3, bitfit, top-layers");
        if (transformer.SharesLayers)
            throw changes.Refused($"changes each layer differently, and the layers of {changes.Family} share their weights",
                "a model whose layers have their own");
        foreach (var (name, value) in injection.Parameters ?? new Dictionary<string, Tensor>()) changes._replaced[name] = value;
        foreach (var (place, change) in injection.Linears ?? new Dictionary<LinearPlace, LinearOverride>())
        {
            var whole = Whole(transformer, place);
            if (!changes._linears.TryGetValue(whole.Module!, out var linear)) changes._linears[whole.Module!] = linear = new(transformer.Config, whole);
            linear.Add(place.Part, change);
        }
        return changes;
    }

    /// <summary>True if a tensor changes.</summary>
    public bool Touches(string name)
        => _replaced.ContainsKey(name) || Linear(name, ".weight") is not null || Linear(name, ".bias") is { ChangesBias: true };

    /// <summary>Returns the changed tensor in fp32: a new one, in the caller's dispose scope.</summary>
    /// <param name="name">The tensor's name.</param>
    /// <param name="stored">The tensor in the checkpoint.</param>
    public Tensor Apply(string name, Tensor stored)
    {
        // Always a copy: the checkpoint's values may belong to a mapped file.
        var value = (_replaced.TryGetValue(name, out var replaced) ? replaced.detach().cpu() : stored).to_type(ScalarType.Float32, copy: true);
        Linear(name, ".weight")?.Weight(value);
        Linear(name, ".bias")?.Bias(value);
        return value;
    }

    /// <summary>Refuses a checkpoint that lacks a tensor to change.</summary>
    /// <param name="present">The names of its tensors after the base prefix.</param>
    public void Check(IReadOnlySet<string> present)
    {
        if (_linears.Values.FirstOrDefault(l => l.NeedsBias && !present.Contains(l.Module + ".bias")) is { } bare)
            throw Refused($"adds a bias to {bare.Module}, which has none in checkpoints of {Family}",
                "a model whose linear layers have biases, or another method");
        foreach (var name in _replaced.Keys.Concat(_linears.Values.Select(l => l.Module + ".weight")))
            if (!present.Contains(name)) throw Refused($"changes {name}, which the model's files do not have", "the files that the model was loaded from");
    }

    private MergedLinear? Linear(string name, string ending)
        => name.EndsWith(ending, StringComparison.Ordinal) ? _linears.GetValueOrDefault(name[..^ending.Length]) : null;

    /// <summary>Returns the linear layer as the checkpoint has it: for a part, the fused one that contains it.</summary>
    private static LinearSite Whole(Transformer transformer, LinearPlace place)
    {
        var site = transformer.Linears[place];
        return site.Module is not null ? site
            : transformer.Linears[new(place.Layer, place.Part is LinearPart.Gate or LinearPart.Up ? LinearPart.GateUp : LinearPart.QueryKeyValue)];
    }

    private SkTuningException Refused(string why, string expected) => new($"The adapter cannot be merged: {Method} {why}; expected {expected}.");
}
