namespace SkTuning.Serving;

/// <summary>An adapter that an engine serves.</summary>
public sealed record ServedAdapter
{
    internal ServedAdapter() { }

    /// <summary>Gets the name by which calls choose it.</summary>
    public required string Name { get; init; }

    /// <summary>Gets the number of this version: 1 for the first adapter that was loaded with the name, and 1 more for each that replaced it.</summary>
    public required int Version { get; init; }

    /// <summary>Gets the task.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>Gets the tuning method.</summary>
    public required string Method { get; init; }

    /// <summary>Gets the description of the task.</summary>
    public required string Prompt { get; init; }

    /// <summary>Gets the labels, or the name of the one number, in the order of the scores.</summary>
    public required LabelSet Labels { get; init; }

    /// <summary>Gets a value that indicates whether it reads pairs of texts.</summary>
    public required bool ReadsPairs { get; init; }

    /// <summary>
    /// Gets a value that indicates whether its texts share batches with those of other adapters. Those of a method or a head that reads a text several times,
    /// or replaces weights, do not.
    /// </summary>
    public required bool SharesBatches { get; init; }

    /// <summary>Gets the memory that its tensors occupy when they are loaded, in bytes.</summary>
    public required long Bytes { get; init; }
}
