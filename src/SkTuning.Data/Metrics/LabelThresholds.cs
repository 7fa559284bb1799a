namespace SkTuning.Metrics;

/// <summary>
/// Per-label thresholds for tasks with several labels, because the scores of a rare label seldom reach 0.5. A label is predicted if its score reaches its
/// threshold.
/// </summary>
public static class LabelThresholds
{
    /// <summary>The threshold of a label that dev rows give no information about, because all of them have it or none does.</summary>
    public const double Default = 0.5;

    /// <summary>
    /// Returns the threshold of each label with the best F1 on dev rows. Each lies midway between two scores, so that it also suits similar scores. Of equally
    /// good thresholds, the nearest to 0.5 is used.
    /// </summary>
    /// <param name="truth">Whether each dev row has each label, [rows][labels].</param>
    /// <param name="scores">The scores, usually probabilities, [rows][labels].</param>
    /// <returns>The thresholds, [labels].</returns>
    /// <exception cref="SkTuningException">There are no rows or labels, their numbers differ, or a score is not finite.</exception>
    public static double[] MaximizingF1(IReadOnlyList<bool[]> truth, IReadOnlyList<double[]> scores)
    {
        const string Name = "Label thresholds";
        Check.Rows(Name, truth.Count, scores.Count);
        var (labels, width) = (Check.Width(Name, truth, "labels"), Check.Width(Name, scores, "scores"));
        if (labels != width) throw new SkTuningException($"{Name}: {width} scores per row, expected {labels}, one per label.");
        if (labels == 0) throw new SkTuningException($"{Name}: no labels, expected at least 1.");
        for (var l = 0; l < labels; l++) Check.Finite(Name, scores.Select(s => s[l]).ToArray(), "score");
        return Enumerable.Range(0, labels).Select(l => Best(truth.Select(t => t[l]).ToArray(), scores.Select(s => s[l]).ToArray())).ToArray();
    }

    /// <summary>Returns whether each score reaches its label's threshold, [rows][labels].</summary>
    /// <param name="scores">The scores, [rows][labels].</param>
    /// <param name="thresholds">The thresholds, [labels].</param>
    /// <exception cref="SkTuningException">The number of scores in a row differs from the number of thresholds, or a number is NaN.</exception>
    public static bool[][] Apply(IReadOnlyList<double[]> scores, IReadOnlyList<double> thresholds)
    {
        for (var l = 0; l < thresholds.Count; l++)
            if (double.IsNaN(thresholds[l])) throw new SkTuningException($"Label thresholds: the threshold of label {l + 1} is NaN, expected a number.");
        Check.Numbers("Label thresholds", scores, "score");
        return scores.Select((row, i) => row.Length == thresholds.Count
            ? row.Select((s, l) => s >= thresholds[l]).ToArray()
            : throw new SkTuningException($"Label thresholds: row {i + 1} has {row.Length} scores, expected {thresholds.Count}, one per threshold.")).ToArray();
    }

    private static double Best(bool[] truth, double[] scores)
    {
        var positives = truth.Count(t => t);
        if (positives == 0 || positives == truth.Length) return Default;
        var order = Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ToArray();
        var (best, threshold, right) = (-1.0, Default, 0);
        for (var taken = 1; taken <= order.Length; taken++)
        {
            if (truth[order[taken - 1]]) right++;
            var last = scores[order[taken - 1]];
            if (taken < order.Length && scores[order[taken]] == last) continue;   // equal scores are predicted together
            var cut = taken < order.Length ? (last + scores[order[taken]]) / 2 : last;
            if (cut > last || taken < order.Length && cut <= scores[order[taken]]) cut = last;   // adjacent doubles have nothing between them
            var f1 = Scores.Of(right, taken, positives).F1;
            if (f1 > best || f1 == best && Math.Abs(cut - Default) < Math.Abs(threshold - Default)) (best, threshold) = (f1, cut);
        }
        return threshold;
    }
}
