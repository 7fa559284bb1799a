namespace SkTuning;

/// <summary>The options of an <see cref="OrdinalClassifier"/>.</summary>
public sealed record OrdinalClassifierOptions : AdapterOptions<Row>
{
    /// <summary>
    /// All levels, lowest first. The default is <see langword="null"/>: in ascending order if all labels are numbers, and in the order of their first
    /// appearance in the training rows if none is. <see cref="OrdinalClassifier.Order"/> says which.
    /// </summary>
    public IReadOnlyList<string>? Levels { get; init; }

    /// <summary>What the order of the levels comes from.</summary>
    internal LevelOrder Order { get; init; }
}
