namespace SkTuning.Peft;

/// <summary>The progress of a merge.</summary>
/// <param name="Tensor">The name of the tensor that is written next.</param>
/// <param name="Done">The number of bytes of weights written.</param>
/// <param name="Total">The number of bytes of weights to write.</param>
public sealed record MergeProgress(string Tensor, long Done, long Total);
