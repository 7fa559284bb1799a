using SkTuning.Batches;

namespace SkTuning.Training;

/// <summary>Encoded rows for training.</summary>
/// <param name="Train">The rows to learn from.</param>
/// <param name="Dev">The rows that choose the epoch.</param>
/// <param name="HeldOut">The indices of the given rows that were held out for dev; empty if dev rows were given.</param>
internal sealed record TrainingRows(IReadOnlyList<EncodedRow> Train, IReadOnlyList<EncodedRow> Dev, IReadOnlyList<int> HeldOut)
{
    /// <summary>What the user should know about the rows.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
