namespace SkTuning.Metrics;

/// <summary>
/// A threshold for each label of a task of several labels, since the scores of a rare label seldom reach one half. A label is predicted where its score reaches its threshold.
/// </summary>
public static class LabelThresholds
{
    /// <summary>What a label gets that dev rows say nothing of: one that all of them have, or none.</summary>
    public const double Default = 0.5;

    /// <summary>
    /// The threshold of each label with the best F1 on dev rows. Each lies midway between two scores, so that it holds for scores near those seen; of equally good ones the nearest to
    /// one half is taken.
    /// </summary>
    /// <param name="truth">Which labels every dev row has, [rows][labels].</param>
    /// <param name="scores">Their scores, [rows][labels], probabilities as a rule.</param>
    /// <returns>[labels]</returns>
    /// <exception cref="SkTuningException">No rows or labels, unequal numbers of them, or a score that is not finite.</exception>
    public static double[] MaximizingF1(IReadOnlyList<bool[]> truth, IReadOnlyList<double[]> scores)
    {
        const string Name = "Label thresholds";
        Check.Rows(Name, truth.Count, scores.Count);
        var (labels, width) = (Check.Width(Name, truth, "labels"), Check.Width(Name, scores, "scores"));
        if (labels != width) throw new SkTuningException($"{Name}: {width} scores in a row, expected {labels} as there are labels.");
        if (labels == 0) throw new SkTuningException($"{Name}: no labels, expected at least 1.");
        for (var l = 0; l < labels; l++) Check.Finite(Name, scores.Select(s => s[l]).ToArray(), "score");
        return Enumerable.Range(0, labels).Select(l => Best(truth.Select(t => t[l]).ToArray(), scores.Select(s => s[l]).ToArray())).ToArray();
    }

    /// <summary>The labels whose scores reach their thresholds, [rows][labels].</summary>
    /// <param name="scores">[rows][labels]</param>
    /// <param name="thresholds">[labels]</param>
    /// <exception cref="SkTuningException">A row has another number of scores than there are thresholds.</exception>
    public static bool[][] Apply(IReadOnlyList<double[]> scores, IReadOnlyList<double> thresholds) => scores.Select((row, i) => row.Length == thresholds.Count
        ? row.Select((s, l) => s >= thresholds[l]).ToArray()
        : throw new SkTuningException($"Label thresholds: row {i + 1} has {row.Length} scores, expected {thresholds.Count}, one for each threshold.")).ToArray();

    private static double Best(bool[] truth, double[] scores)
    {
        var there = truth.Count(t => t);
        if (there == 0 || there == truth.Length) return Default;
        var order = Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).ToArray();
        var (best, threshold, right) = (-1.0, Default, 0);
        for (var taken = 1; taken <= order.Length; taken++)
        {
            if (truth[order[taken - 1]]) right++;
            var last = scores[order[taken - 1]];
            if (taken < order.Length && scores[order[taken]] == last) continue;   // equal scores are predicted together
            var cut = taken < order.Length ? (last + scores[order[taken]]) / 2 : last;
            if (cut > last || taken < order.Length && cut <= scores[order[taken]]) cut = last;   // neighbouring doubles have nothing between them
            var f1 = Scores.Of(right, taken, there).F1;
            if (f1 > best || f1 == best && Math.Abs(cut - Default) < Math.Abs(threshold - Default)) (best, threshold) = (f1, cut);
        }
        return threshold;
    }
}
