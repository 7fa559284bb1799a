namespace SkTuning.Compare;

/// <summary>What a classifier makes of rows, apart from what is true: metrics can be changed without training again.</summary>
internal sealed record Predictions
{
    /// <summary>The classifier's own labels.</summary>
    public required IReadOnlyList<string> Labels { get; init; }

    /// <summary>The label predicted for every row, as an index of <see cref="Labels"/>.</summary>
    public required IReadOnlyList<int> Predicted { get; init; }

    /// <summary>Its probability, to four digits; empty without probabilities.</summary>
    public required IReadOnlyList<double> Confidence { get; init; }

    /// <summary>The mean of -ln p(true label); null without probabilities. A true label that the classifier does not know has p = 1e-6, as any p below it.</summary>
    public double? Loss { get; init; }

    public static Predictions Of(IReadOnlyList<string> labels, IReadOnlyList<Row> rows, IReadOnlyList<(string Label, double Confidence, Func<string, double> Probability)> rowScores)
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

    /// <summary>As indices of a data set's labels, which hold all of the classifier's.</summary>
    public int[] In(LabelSet labels)
    {
        var places = Labels.Select(l => labels.IndexOf(l)).ToArray();
        return [.. Predicted.Select(p => places[p])];
    }

    public ClassificationReport Report(LabelSet labels, IReadOnlyList<int> truth) => ClassificationReport.Of(labels, truth, In(labels));
}
