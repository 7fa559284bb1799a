namespace SkTuning;

/// <summary>Describes the pruned model of an adapter (<see cref="AdapterOptions.Prune"/>).</summary>
public sealed record ModelPruning
{
    /// <summary>Gets what decided which units are kept.</summary>
    public required PruningScore By { get; init; }

    /// <summary>Gets the number of feed-forward units in all layers of the frozen model.</summary>
    public required long Units { get; init; }

    /// <summary>Gets the number of units that the adapter's model keeps.</summary>
    public required long KeptUnits { get; init; }

    /// <summary>
    /// Gets the memory of the smaller weights, in bytes. The adapter has them in addition to the weights of the frozen model, which its other adapters use.
    /// </summary>
    public required long Memory { get; init; }
}
