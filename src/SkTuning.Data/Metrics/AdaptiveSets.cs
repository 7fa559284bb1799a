namespace SkTuning.Metrics;

/// <summary>
/// Adaptive prediction sets (Romano, Sesia, and Candès 2020). The score of a label is the probability of all labels before it, the most likely first, plus a
/// random fraction of its own. A label belongs to the set if its score is at most a threshold: the quantile of the scores of the true labels of calibration
/// rows. A new row from the same source then has its true label in its set with at least the wanted probability, whatever the classifier.
/// </summary>
internal static class AdaptiveSets
{
    /// <summary>Products such as 20 * 0.95 are not exact.</summary>
    private const double Rounding = 1e-9;

    /// <summary>Returns the least number of calibration rows that mean a coverage: with fewer, every label belongs to every set.</summary>
    public static int RowsFor(double coverage) => (int)Math.Min(int.MaxValue, Math.Ceiling(1 / (1 - coverage) - Rounding) - 1);

    /// <summary>Returns the highest coverage that a number of calibration rows can mean.</summary>
    public static double HighestCoverage(int rows) => (double)rows / (rows + 1);

    /// <summary>Returns the labels by descending probability; of equal ones, the first comes first.</summary>
    public static int[] Order(ReadOnlySpan<double> probabilities)
    {
        var order = Enumerable.Range(0, probabilities.Length).ToArray();
        // The sort is not stable, so that the index decides.
        var values = probabilities.ToArray();
        Array.Sort(order, (a, b) => values[b].CompareTo(values[a]) is var difference && difference != 0 ? difference : a.CompareTo(b));
        return order;
    }

    /// <summary>Returns the score of a label.</summary>
    /// <param name="probabilities">The probability of each label.</param>
    /// <param name="label">The label.</param>
    /// <param name="unit">The random fraction, from 0 to 1.</param>
    public static double Score(ReadOnlySpan<double> probabilities, int label, double unit)
    {
        var before = 0.0;
        foreach (var other in Order(probabilities))
        {
            if (other == label) return before + unit * probabilities[label];
            before += probabilities[other];
        }
        throw new ArgumentOutOfRangeException(nameof(label));
    }

    /// <summary>Returns the threshold: of n scores, the one at position ceil((n + 1) * coverage), the lowest first.</summary>
    /// <param name="scores">The scores of the true labels of calibration rows, at least <see cref="RowsFor"/>.</param>
    /// <param name="coverage">The probability with which a set is to contain the true label, above 0 and below 1.</param>
    public static double Threshold(IEnumerable<double> scores, double coverage)
    {
        double[] sorted = [.. scores.Order()];
        var position = (int)Math.Ceiling((sorted.Length + 1) * coverage - Rounding);
        return position <= sorted.Length ? sorted[Math.Max(position, 1) - 1]
            : throw new ArgumentException($"{sorted.Length} scores are too few for the coverage.", nameof(scores));
    }

    /// <summary>Returns the labels of a row's set, the most likely first.</summary>
    /// <param name="probabilities">The probability of each label.</param>
    /// <param name="unit">The random fraction of the row, from 0 to 1.</param>
    /// <param name="threshold">The threshold.</param>
    /// <param name="mayBeEmpty">
    /// True for a set whose coverage is exact, but which may be empty. Otherwise the most likely label always belongs to the set, which can only raise the
    /// coverage.
    /// </param>
    public static int[] Of(ReadOnlySpan<double> probabilities, double unit, double threshold, bool mayBeEmpty = false)
    {
        var order = Order(probabilities);
        var (count, before) = (0, 0.0);
        while (count < order.Length && before + unit * probabilities[order[count]] <= threshold) before += probabilities[order[count++]];
        return order[..Math.Max(count, mayBeEmpty ? 0 : 1)];
    }
}
