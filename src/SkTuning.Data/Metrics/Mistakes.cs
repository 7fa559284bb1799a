namespace SkTuning.Metrics;

/// <summary>Finds the worst mistakes of a classifier: labels that are hard to distinguish, and rows whose own label may be wrong.</summary>
public static class Mistakes
{
    /// <summary>
    /// Returns the pairs of labels that are most often confused, ordered by the number of rows, then by the fraction of the label's rows, then by label.
    /// </summary>
    /// <param name="report">The report of the predictions.</param>
    /// <param name="maxCount">The maximum number of pairs to return. The default is 10.</param>
    public static IReadOnlyList<ConfusedPair> MostConfused(ClassificationReport report, int maxCount = 10)
    {
        ArgumentNullException.ThrowIfNull(report);
        ArgumentOutOfRangeException.ThrowIfNegative(maxCount);
        var pairs = from t in Enumerable.Range(0, report.Labels.Count)
                    from p in Enumerable.Range(0, report.Labels.Count)
                    let rows = report.Confusion(t, p)
                    where t != p && rows > 0
                    select new ConfusedPair(report.Labels[t], report.Labels[p], rows, (double)rows / report.PerClass[t].Rows);
        return pairs.OrderByDescending(p => p.Rows).ThenByDescending(p => p.FractionOfTruth).Take(maxCount).ToList();
    }

    /// <summary>
    /// Returns the wrong predictions with the highest confidence, the most confident first. Read these rows: some of their labels are often wrong.
    /// </summary>
    /// <param name="truth">The label of each row.</param>
    /// <param name="predicted">The predicted label of each row.</param>
    /// <param name="confidences">The confidence of each prediction.</param>
    /// <param name="maxCount">The maximum number of predictions to return. The default is 10.</param>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, or a confidence is not finite.</exception>
    public static IReadOnlyList<ConfidentError> MostConfident(
        IReadOnlyList<string> truth, IReadOnlyList<string> predicted, IReadOnlyList<double> confidences, int maxCount = 10)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maxCount);
        Check.Rows("Most confident errors", truth.Count, predicted.Count);
        Check.Rows("Most confident errors", truth.Count, confidences.Count);
        Check.Finite("Most confident errors", confidences, "confidence");
        return Enumerable.Range(0, truth.Count).Where(i => truth[i] != predicted[i]).OrderByDescending(i => confidences[i]).Take(maxCount)
            .Select(i => new ConfidentError(i, truth[i], predicted[i], confidences[i])).ToList();
    }
}
