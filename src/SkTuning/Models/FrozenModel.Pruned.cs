using SkTuning.Native;

namespace SkTuning;

public sealed partial class FrozenModel
{
    private readonly UserCount _users = new();

    /// <summary>A view of a model in which the layers have fewer feed-forward units. It has the fingerprint and the tokenizer of the whole model.</summary>
    private FrozenModel(FrozenModel whole, IReadOnlyList<int[]> kept)
    {
        (Whole, Kept, Tokenizer, Device, Calls, _fingerprint) = (whole, kept, whole.Tokenizer, whole.Device, whole.Calls, whole._fingerprint);
        _loaded = whole._loaded with { Transformer = whole.Transformer.Pruned(kept, whole.Device) };
    }

    /// <summary>The model that this one is a part of; null for a whole model.</summary>
    internal FrozenModel? Whole { get; }

    /// <summary>The feed-forward units of each layer that a pruned model has; null for a whole model.</summary>
    internal IReadOnlyList<int[]>? Kept { get; }

    /// <summary>
    /// Returns a model with some of the feed-forward units. Its weights are copies; everything else belongs to the whole model, which does not change. Each
    /// caller disposes the result once, before the whole model is released.
    /// </summary>
    /// <param name="kept">The units of each layer, ascending.</param>
    /// <exception cref="SkTuningException">The model cannot be pruned, or has no such units.</exception>
    internal FrozenModel Pruned(IReadOnlyList<int[]> kept)
    {
        if (Kept is null) return new(this, kept);
        if (!ReferenceEquals(Kept, kept) && !Kept.Zip(kept).All(k => k.First.AsSpan().SequenceEqual(k.Second))) return Whole!.Pruned(kept);
        _users.Add(this);
        return this;
    }
}
