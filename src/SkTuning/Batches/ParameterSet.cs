using SkTuning.Data;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>
/// All trained values, fp32, in one flat tensor with one flat gradient. Each named parameter is a leaf that is a view of both, so that the norm, clipping, the
/// optimizer and copies take a handful of operations, whatever the number of parameters.
/// </summary>
internal sealed class ParameterSet : IDisposable
{
    private readonly Dictionary<string, Tensor> _leaves;
    private readonly string _adapter = AdapterPrefix;

    /// <summary>Creates the parameters with their start values.</summary>
    /// <param name="specs">The trained tensors.</param>
    /// <param name="seed">The seed of the start values.</param>
    /// <param name="device">The device of the values.</param>
    /// <param name="dtype">fp32, or fp64 for gradient checks.</param>
    public ParameterSet(IEnumerable<ParameterSpec> specs, ulong seed, Device device, ScalarType dtype = ScalarType.Float32)
    {
        _leaves = new(StringComparer.Ordinal);
        Specs = [.. specs];
        if (Specs.Select(s => s.Name).Distinct(StringComparer.Ordinal).Count() != Specs.Count)
            throw new SkTuningException("Two trained tensors have the same name.");
        if (!Specs.Select(s => s.Group).SequenceEqual(Specs.Select(s => s.Group).Order()))
            throw new InvalidOperationException("The adapter's tensors must come before the head's.");
        var start = new float[Specs.Sum(s => s.Count)];
        var random = new Shuffler(seed);
        var offset = 0;
        foreach (var spec in Specs)
        {
            spec.Start(start.AsSpan(offset, (int)spec.Count), random);
            offset += (int)spec.Count;
        }
        using var scope = NewDisposeScope();
        using var off = no_grad();
        // A copy in torch's own memory: with the alignment of a managed array, products differ in their last bit.
        Values = tensor(start).clone().to(dtype, device).DetachFromDisposeScope();
        Gradients = zeros_like(Values).DetachFromDisposeScope();
        offset = 0;
        foreach (var spec in Specs)
        {
            var leaf = Values.narrow(0, offset, spec.Count).view(spec.Shape).detach().requires_grad_(true).DetachFromDisposeScope();
            leaf.grad = Gradients.narrow(0, offset, spec.Count).view(spec.Shape);
            _leaves[spec.Name] = leaf;
            offset += (int)spec.Count;
        }
    }

    private ParameterSet(ParameterSet whole, string adapter)
        => (_leaves, _adapter, Specs, Values, Gradients) = (whole._leaves, adapter, whole.Specs, whole.Values, whole.Gradients);

    public IReadOnlyList<ParameterSpec> Specs { get; }

    /// <summary>Gets the leaf with a name.</summary>
    public Tensor this[string name] => _leaves[name];

    /// <summary>The start of the names of a method's tensors in the file.</summary>
    public const string AdapterPrefix = "adapter.";

    /// <summary>Returns a leaf of the tuning method.</summary>
    public Tensor Adapter(string name) => _leaves[_adapter + name];

    /// <summary>Returns a view for one part of a method, which finds its own tensors below its name. The whole set owns the values.</summary>
    public ParameterSet Below(string part) => new(this, $"{_adapter}{part}.");

    /// <summary>All values, [N].</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, [N]; a backward pass adds to them.</summary>
    public Tensor Gradients { get; }

    /// <summary>The number of values of the adapter, which precede those of the head.</summary>
    public long AdapterCount => Specs.Where(s => s.Group == ParameterGroup.Adapter).Sum(s => s.Count);

    /// <summary>The number of values of the head, which follow those of the adapter and precede the constants.</summary>
    public long HeadCount => Specs.Where(s => s.IsHead).Sum(s => s.Count);

    /// <summary>The number of trained values.</summary>
    public long TrainedCount => AdapterCount + HeadCount;

    /// <summary>The number of all values, constants included.</summary>
    public long Count => Values.NumberOfElements;

    /// <summary>The number of changes so far: what was baked from an older version is stale.</summary>
    public long Version { get; private set; }

    /// <summary>Must be called after <see cref="Values"/> was changed.</summary>
    public void Changed() => Version++;

    /// <summary>Overwrites one parameter.</summary>
    public void Set(string name, Tensor value)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        _leaves[name].copy_(value);
        Changed();
    }

    /// <summary>Returns a copy of all values, which the caller owns.</summary>
    public Tensor Snapshot()
    {
        using var off = no_grad();
        return Values.clone().DetachFromDisposeScope();
    }

    public void Restore(Tensor snapshot)
    {
        using var off = no_grad();
        Values.copy_(snapshot);
        Changed();
    }

    public void Dispose()
    {
        foreach (var leaf in _leaves.Values) leaf.Dispose();
        Values.Dispose();
        Gradients.Dispose();
    }
}
