
namespace SkTuning.Batches;

/// <summary>The part of an adapter that a trainable tensor belongs to. The parts are stored in this order, and each has its own learning rate.</summary>
internal enum ParameterGroup
{
    Adapter,
    Head,

    /// <summary>Values that are computed from the training rows and stored with the head. No step changes them.</summary>
    Constant,
}

/// <summary>One tensor of an adapter: its name in the adapter file, its shape, and its start values.</summary>
internal sealed record ParameterSpec(string Name, long[] Shape, ParameterStart Start)
{
    /// <summary>The part that the tensor belongs to.</summary>
    public ParameterGroup Group { get; init; }

    public bool IsHead => Group == ParameterGroup.Head;

    public long Count => Shape.Aggregate(1L, (product, size) => product * size);
}
