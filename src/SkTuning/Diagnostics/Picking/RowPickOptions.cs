namespace SkTuning.Diagnostics;

/// <summary>Options for choosing the rows to label next.</summary>
public sealed record RowPickOptions
{
    internal const int MaxCount = 100_000, MostCandidates = 200_000;

    /// <summary>The number of rows to choose, from 1 to 100,000. The default is 10.</summary>
    public int Count { get; init; } = 10;

    /// <summary>
    /// Rows that are already labeled. Their texts are not chosen again; without an adapter, texts similar to theirs are chosen last. The default is none.
    /// </summary>
    public IReadOnlyList<Row> Labeled { get; init; } = [];

    /// <summary>The measure of uncertainty, where an adapter chooses. The default is <see cref="UncertaintyMeasure.Margin"/>.</summary>
    public UncertaintyMeasure Measure { get; init; } = UncertaintyMeasure.Margin;

    /// <summary>
    /// The maximum number of rows that are kept in memory and read by the model, from 2 to 200,000 and at least <see cref="Count"/>. Of more rows, as many are
    /// drawn at random. The default is 20,000.
    /// </summary>
    public int MaxCandidates { get; init; } = 20_000;

    /// <summary>The seed of the random numbers. The default is 1.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Validate()
    {
        const string Name = nameof(RowPickOptions);
        OptionCheck.That(Name, nameof(Count), Count, Count is >= 1 and <= MaxCount, $"1 to {MaxCount}");
        OptionCheck.That(Name, nameof(MaxCandidates), MaxCandidates, MaxCandidates is >= 2 and <= MostCandidates && MaxCandidates >= Count,
            $"2 to {MostCandidates}, and at least {nameof(Count)}");
        OptionCheck.IsDefined(Name, nameof(Measure), Measure);
        ArgumentNullException.ThrowIfNull(Labeled);
    }
}

/// <summary>Specifies how the uncertainty of a prediction is measured.</summary>
public enum UncertaintyMeasure
{
    /// <summary>The two most likely labels are nearly equally likely.</summary>
    Margin,

    /// <summary>The probabilities of all labels are nearly equal (their entropy).</summary>
    Entropy,
}
