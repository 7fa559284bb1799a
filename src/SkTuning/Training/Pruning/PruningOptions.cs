namespace SkTuning;

/// <summary>
/// Structural pruning of the feed-forward (Skeleton, arXiv 2404.11916): the model of the adapter keeps some of the units of each layer, in smaller, dense
/// weights, so that a prediction takes less time. The adapter is trained on the whole model, its units are scored, and a new adapter is trained on the units
/// that are kept. The frozen model does not change, and other adapters on it use all of its units.
/// </summary>
public sealed record PruningOptions
{
    /// <summary>The share of units to keep, above 0, at most 1. Each layer keeps one or more. The default is 0.5.</summary>
    public double Keep { get; init; } = 0.5;

    /// <summary>What decides which units are kept. The default is <see cref="PruningScore.Attribution"/>.</summary>
    public PruningScore By { get; init; } = PruningScore.Attribution;

    /// <summary>
    /// Whether the units of all layers compete, so that layers keep different numbers of them. The default is <see langword="false"/>: each layer keeps the
    /// same share.
    /// </summary>
    public bool AcrossLayers { get; init; }

    /// <summary>
    /// The maximum number of training rows that <see cref="PruningScore.Attribution"/> and <see cref="PruningScore.Activation"/> read, 1 or more; of more rows,
    /// some are drawn at random. The default is 256.
    /// </summary>
    public int Rows { get; init; } = 256;

    internal void Validate()
    {
        const string Owner = nameof(PruningOptions);
        OptionCheck.That(Owner, nameof(Keep), Keep, Keep is > 0 and <= 1, "above 0, at most 1");
        OptionCheck.IsDefined(Owner, nameof(By), By);
        OptionCheck.That(Owner, nameof(Rows), Rows, Rows >= 1, "1 or more");
    }
}
