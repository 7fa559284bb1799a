using SkTuning.Batches;
using SkTuning.Models;

namespace SkTuning.Methods;

/// <summary>What a method learns without labels: to change the model as a longer prompt does.</summary>
/// <param name="Steps">The number of steps.</param>
/// <param name="Loss">The distance that is minimized.</param>
/// <param name="IsAll">True if labels do not train the method afterwards, but only the head.</param>
internal sealed record Distillation(int Steps, DistillationLoss Loss, bool IsAll)
{
    /// <summary>The number of positions that the longer prompt takes.</summary>
    public required int Length { get; init; }

    /// <summary>True if a step draws random numbers, such as for dropout.</summary>
    public required bool Draws { get; init; }

    /// <summary>Returns what precedes the rows of a batch in the model that is imitated; new tensors belong to the caller's dispose scope.</summary>
    public required Func<TokenBatch, Injection> Teacher { get; init; }
}
