namespace SkTuning.Peft;

/// <summary>How far a merge is.</summary>
/// <param name="Tensor">The tensor that is written next.</param>
/// <param name="Done">Bytes of weights written.</param>
/// <param name="Total">Bytes of weights to write.</param>
public sealed record MergeProgress(string Tensor, long Done, long Total);
