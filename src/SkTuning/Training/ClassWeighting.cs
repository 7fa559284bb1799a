namespace SkTuning.Training;

/// <summary>What each label counts in the loss.</summary>
internal static class ClassWeighting
{
    /// <param name="options">Weights by name, or balanced.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="classes">The class of every training answer.</param>
    /// <returns>[C]; null: all the same.</returns>
    /// <exception cref="SkTuningException">A weight is of a label that does not exist.</exception>
    public static double[]? Of(TrainingOptions options, LabelSet labels, IEnumerable<int> classes)
    {
        if (options.ClassWeights is { } named)
        {
            foreach (var label in named.Keys) labels.IndexOf(label, "TrainingOptions.ClassWeights");
            return [.. labels.Select(l => named.GetValueOrDefault(l, 1))];
        }
        if (!options.BalanceClasses) return null;
        var counts = new int[labels.Count];
        foreach (var c in classes) counts[c]++;
        return [.. counts.Select(n => n == 0 ? 1 : counts.Sum() / ((double)counts.Count(k => k > 0) * n))];
    }
}
