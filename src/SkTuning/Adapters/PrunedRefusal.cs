namespace SkTuning.Adapters;

/// <summary>Refuses a pruned adapter where only the whole base can be written.</summary>
internal static class PrunedRefusal
{
    /// <param name="definition">The definition of the adapter.</param>
    /// <param name="what">What was to be written, such as <c>a PEFT folder</c>.</param>
    /// <exception cref="SkTuningException">The adapter is pruned.</exception>
    public static void Check(AdapterDefinition definition, string what)
    {
        if (definition.Pruning is not { } pruning) return;
        throw new SkTuningException(FormattableString.Invariant($"The adapter keeps {pruning.Kept.Sum(k => (long)k.Length)} of ")
            + FormattableString.Invariant($"{(long)pruning.Units * pruning.Kept.Count} feed-forward units, and {what} has no form for that: ")
            + "export it to ONNX, with the adapter's tensors as constants, or train it without Prune.");
    }
}
