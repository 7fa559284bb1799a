namespace SkTuning.Metrics;

/// <summary>The floor of every comparison: always the most frequent label of the training rows; of equally frequent ones the first in ordinal order.</summary>
public sealed class MajorityClass
{
    private MajorityClass(string label, double share) => (Label, Share) = (label, share);

    /// <summary>Counts the labels of rows.</summary>
    /// <exception cref="SkTuningException">There are no rows.</exception>
    public static MajorityClass Train(IReadOnlyList<Row> rows)
    {
        if (rows.Count == 0) throw new SkTuningException("Majority class: no rows, expected at least 1.");
        var most = rows.CountBy(r => r.Label, StringComparer.Ordinal).OrderByDescending(c => c.Value).ThenBy(c => c.Key, StringComparer.Ordinal).First();
        return new(most.Key, (double)most.Value / rows.Count);
    }

    /// <summary>The label it always predicts.</summary>
    public string Label { get; }

    /// <summary>The part of the training rows that have it.</summary>
    public double Share { get; }

    /// <summary>The prediction for so many texts.</summary>
    public IReadOnlyList<string> Predict(int count) => Enumerable.Repeat(Label, count).ToArray();
}
