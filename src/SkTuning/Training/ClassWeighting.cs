namespace SkTuning.Training;

/// <summary>The weight of each label in the loss.</summary>
internal static class ClassWeighting
{
    /// <summary>Returns the weights that the options ask for.</summary>
    /// <param name="options">The options: weights by label, or balanced.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="classes">The class of every training answer.</param>
    /// <returns>The weights, [C]; null if all are equal.</returns>
    /// <exception cref="SkTuningException">A weight is for a label that does not exist.</exception>
    public static double[]? Of(TrainingOptions options, LabelSet labels, IEnumerable<int> classes)
    {
        if (options.ClassWeights is { } named)
        {
            foreach (var label in named.Keys) labels.GetIndex(label, "TrainingOptions.ClassWeights");
            return [.. labels.Select(l => named.GetValueOrDefault(l, 1))];
        }
        if (!options.BalanceClasses) return null;
        var counts = new int[labels.Count];
        foreach (var c in classes) counts[c]++;
        var (rows, present) = (counts.Sum(n => (long)n), counts.Count(n => n > 0));
        return [.. counts.Select(n => n == 0 ? 1 : rows / ((double)present * n))];
    }
}
