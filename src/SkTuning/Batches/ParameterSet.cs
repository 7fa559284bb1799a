using SkTuning.Data;
using SkTuning.Heads;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>The part of an adapter that a trainable tensor belongs to. The parts are stored in this order and have learning rates of their own.</summary>
internal enum ParameterGroup
{
    Adapter,
    Head,
}

/// <summary>One trainable tensor: its name in the adapter file, its shape, and its start values.</summary>
internal sealed record ParameterSpec(string Name, long[] Shape, ParameterStart Start)
{
    /// <summary>The part that the tensor belongs to.</summary>
    public ParameterGroup Group { get; init; }

    public bool IsHead => Group == ParameterGroup.Head;

    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}

/// <summary>Fills a parameter's first values.</summary>
internal delegate void ParameterStart(Span<float> values, Shuffler random);

internal static class ParameterStarts
{
    /// <summary>Normal, with mean zero.</summary>
    public static ParameterStart Normal(float deviation) => (values, random) =>
    {
        foreach (ref var value in values) value = random.NextGaussian() * deviation;
    };

    /// <summary>A linear's weight and bias.</summary>
    public static IEnumerable<ParameterSpec> LinearSpecs(string name, long inputs, long outputs)
        => [new(name + ".weight", [outputs, inputs], Linear(inputs)), new(name + ".bias", [outputs], Linear(inputs))];

    public static void One(Span<float> values, Shuffler random) => values.Fill(1);

    /// <summary>The values of a tensor.</summary>
    public static ParameterStart Copy(Tensor source) => Copy(() => source);

    /// <summary>The values of a tensor that is made when they are asked for.</summary>
    public static ParameterStart Copy(Func<Tensor> source) => (values, random) =>
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        source().to_type(ScalarType.Float32).cpu().contiguous().data<float>().ToArray().CopyTo(values);
    };

    public static void Zero(Span<float> values, Shuffler random) => values.Clear();

    /// <summary>Uniform in ±1/sqrt(inputs), as torch's Linear starts.</summary>
    public static ParameterStart Linear(long inputs) => (values, random) =>
    {
        var bound = 1 / MathF.Sqrt(inputs);
        foreach (ref var value in values) value = (float)(random.NextDouble() * 2 - 1) * bound;
    };
}

/// <summary>
/// Everything that is trained, fp32, in one flat tensor with one flat gradient: each named parameter is a leaf that looks into both, so that norm, clipping,
/// optimizer and copies are a handful of operations whatever the number of parameters.
/// </summary>
internal sealed class ParameterSet : IDisposable
{
    private readonly Dictionary<string, Tensor> _leaves;
    private readonly string _adapter = AdapterPrefix;

    /// <param name="specs">What is trained.</param>
    /// <param name="seed">Of the start values.</param>
    /// <param name="device">Where they are.</param>
    /// <param name="dtype">fp32; fp64 where gradients are checked.</param>
    public ParameterSet(IEnumerable<ParameterSpec> specs, ulong seed, Device device, ScalarType dtype = ScalarType.Float32)
    {
        _leaves = new(StringComparer.Ordinal);
        Specs = [.. specs];
        if (Specs.Select(s => s.Name).Distinct(StringComparer.Ordinal).Count() != Specs.Count) throw new SkTuningException("Two trained tensors have the same name.");
        if (!Specs.Select(s => s.Group).SequenceEqual(Specs.Select(s => s.Group).Order())) throw new InvalidOperationException("The adapter's tensors must come before the head's.");
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
        // A copy in torch's own memory: products differ in their last bit with the alignment of a managed array.
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

    /// <summary>The leaf to compute with.</summary>
    public Tensor this[string name] => _leaves[name];

    /// <summary>The name of a method's tensor in the file.</summary>
    public const string AdapterPrefix = "adapter.";

    /// <summary>A leaf of the tuning method.</summary>
    public Tensor Adapter(string name) => _leaves[_adapter + name];

    /// <summary>The same values for one part of a method, which finds its own below its name; the whole owns them.</summary>
    public ParameterSet Below(string part) => new(this, $"{_adapter}{part}.");

    /// <summary>All values, [N].</summary>
    public Tensor Values { get; }

    /// <summary>All gradients, [N]; backward adds to it.</summary>
    public Tensor Gradients { get; }

    /// <summary>The number of values of the adapter, which come before those of the head.</summary>
    public long AdapterCount => Specs.Where(s => !s.IsHead).Sum(s => s.Count);

    /// <summary>The number of trained values.</summary>
    public long Count => Values.NumberOfElements;

    /// <summary>Counts changes: what was baked from an older version is stale.</summary>
    public long Version { get; private set; }

    /// <summary>Tells that <see cref="Values"/> was written to.</summary>
    public void Changed() => Version++;

    /// <summary>Overwrites one parameter.</summary>
    public void Set(string name, Tensor value)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        _leaves[name].copy_(value);
        Changed();
    }

    /// <summary>A copy of all values, owned by the caller.</summary>
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
