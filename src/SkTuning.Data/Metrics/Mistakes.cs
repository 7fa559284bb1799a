namespace SkTuning.Metrics;

/// <summary>What a classifier gets wrong, worst first: labels that are too near each other, and rows whose label may itself be wrong.</summary>
public static class Mistakes
{
    /// <summary>The pairs of labels that are most often taken for each other, most rows first; of equally many those that are a larger part of their label, then in the order of the labels.</summary>
    /// <param name="report">What was predicted.</param>
    /// <param name="most">How many at most.</param>
    public static IReadOnlyList<ConfusedPair> MostConfused(ClassificationReport report, int most = 10)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        var pairs = from t in Enumerable.Range(0, report.Labels.Count)
                    from p in Enumerable.Range(0, report.Labels.Count)
                    let rows = report.Confusion(t, p)
                    where t != p && rows > 0
                    select new ConfusedPair(report.Labels[t], report.Labels[p], rows, (double)rows / report.PerClass[t].Rows);
        return pairs.OrderByDescending(p => p.Rows).ThenByDescending(p => p.PartOfTruth).Take(most).ToList();
    }

    /// <summary>The wrong predictions, the surest first: read these rows, for some of their labels are often wrong.</summary>
    /// <param name="truth">The label of each row.</param>
    /// <param name="predicted">The label predicted.</param>
    /// <param name="confidences">How sure each prediction was.</param>
    /// <param name="most">How many at most.</param>
    /// <exception cref="SkTuningException">No rows, unequal numbers of them, or a confidence that is not finite.</exception>
    public static IReadOnlyList<ConfidentError> MostConfident(IReadOnlyList<string> truth, IReadOnlyList<string> predicted, IReadOnlyList<double> confidences, int most = 10)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(most);
        Check.Rows("Most confident errors", truth.Count, predicted.Count);
        Check.Rows("Most confident errors", truth.Count, confidences.Count);
        Check.Finite("Most confident errors", confidences, "confidence");
        return Enumerable.Range(0, truth.Count).Where(i => truth[i] != predicted[i]).OrderByDescending(i => confidences[i]).Take(most)
            .Select(i => new ConfidentError(i, truth[i], predicted[i], confidences[i])).ToList();
    }
}
