namespace SkTuning.Metrics;

/// <summary>
/// The simplest baseline: it always predicts the most frequent label of the training rows. Of equally frequent labels, the first in ordinal order is used.
/// </summary>
public sealed class MajorityClass
{
    private MajorityClass(string label, double share) => (Label, Share) = (label, share);

    /// <summary>Counts the labels of rows.</summary>
    /// <exception cref="SkTuningException">There are no rows.</exception>
    public static MajorityClass Train(IReadOnlyList<Row> rows)
    {
        if (rows.Count == 0) throw new SkTuningException("Majority class: no rows, expected at least 1.");
        var best = rows.CountBy(r => r.Label, StringComparer.Ordinal).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).First();
        return new(best.Key, (double)best.Value / rows.Count);
    }

    /// <summary>Gets the label that is always predicted.</summary>
    public string Label { get; }

    /// <summary>Gets the fraction of training rows with this label.</summary>
    public double Share { get; }

    /// <summary>Returns the predictions for a number of texts.</summary>
    public IReadOnlyList<string> Predict(int count) => Enumerable.Repeat(Label, count).ToArray();
}
