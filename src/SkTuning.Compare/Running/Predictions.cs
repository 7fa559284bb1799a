namespace SkTuning.Compare;

/// <summary>The predictions of a classifier, stored without the true labels so that metrics can be changed without retraining.</summary>
internal sealed record Predictions
{
    /// <summary>The labels of the classifier.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The predicted label of every row, as an index into <see cref="Labels"/>.</summary>
    public required IReadOnlyList<int> Predicted { get; init; }

    /// <summary>The probability of each predicted label, rounded to four digits; empty for a classifier without probabilities.</summary>
    public required IReadOnlyList<double> Confidence { get; init; }

    /// <summary>
    /// The mean of -ln p(true label); null for a classifier without probabilities. The minimum p is 1e-6, which is also used for labels unknown to the
    /// classifier.
    /// </summary>
    public double? Loss { get; init; }

    /// <summary>The mean number of sequences that the model read for a row; null for a classifier without a model.</summary>
    public double? Passes { get; init; }

    /// <summary>True if these can be the predictions for a number of rows of a data set.</summary>
    public bool AreFor(LabelSet labels, int rows)
        => Labels.All(l => l is not null && labels.IndexOf(l) >= 0) && Predicted.Count == rows && Predicted.All(p => p >= 0 && p < Labels.Count)
            && (Confidence.Count == 0 || Confidence.Count == rows) && Confidence.All(c => c is >= 0 and <= 1) && Loss is not (< 0 or double.PositiveInfinity)
            && (Passes is not { } passes || TrialCheck.IsPasses(passes));

    public static Predictions Of(IReadOnlyList<string> labels, IReadOnlyList<Row> rows,
        IReadOnlyList<(string Label, double Confidence, Func<string, double> Probability)> rowScores)
    {
        var places = labels.Index().ToDictionary(l => l.Item, l => l.Index, StringComparer.Ordinal);
        return new()
        {
            Labels = labels,
            Predicted = [.. rowScores.Select(p => places[p.Label])],
            Confidence = [.. rowScores.Select(p => Math.Round(p.Confidence, 4))],
            Loss = rows.Zip(rowScores, (row, p) => -Math.Log(Math.Max(places.ContainsKey(row.Label) ? p.Probability(row.Label) : 0, 1e-6))).Average(),
        };
    }

    /// <summary>Returns the predictions as indices into a data set's labels, which include all labels of the classifier.</summary>
    public int[] In(LabelSet labels)
    {
        var places = Labels.Select(l => labels.GetIndex(l)).ToArray();
        return [.. Predicted.Select(p => places[p])];
    }

    public ClassificationReport Report(LabelSet labels, IReadOnlyList<int> truth) => ClassificationReport.Of(labels, truth, In(labels));
}
