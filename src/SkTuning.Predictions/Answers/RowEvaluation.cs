using SkTuning.Metrics;

namespace SkTuning.Answers;

/// <summary>Measures predictions of labeled rows.</summary>
internal static class RowEvaluation
{
    private const string Where = "the rows to evaluate";

    /// <summary>Measures labels on the rows in scope and, if the decision has a rule for rows out of scope, the rule on all rows.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="decision">The decision that predictions were made with.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="predict">Predicts rows, all of which must be readable.</param>
    public static ClassificationReport SingleLabel(LabelSet labels, ClassificationDecision decision, IReadOnlyList<Row> rows,
        Func<IReadOnlyList<Row>, IReadOnlyList<TextClassifierPrediction>> predict)
    {
        var rule = decision.Rejection;
        var outsideLabel = rule?.OutOfScopeLabel is { } named && labels.IndexOf(named) < 0 ? named : null;
        Row[] inside = [.. rows.Where(r => outsideLabel is null || r.Label != outsideLabel)];
        if (inside.Length == 0) throw new SkTuningException($"All rows to evaluate have the label '{outsideLabel}', expected some in scope.");
        var truth = labels.IndicesOf(inside, Where);
        var predictions = predict(outsideLabel is null ? rows : [.. inside, .. rows.Where(r => r.Label == outsideLabel)]);
        int[] predicted = [.. predictions.Take(inside.Length).Select(p => labels.IndexOf(p.Label))];
        var report = ClassificationReport.Of(labels, truth, predicted);
        if (decision.Sets is { } sets)
        {
            report.Sets = PredictionSetReport.Of(labels, truth,
                [.. predictions.Take(inside.Length).Select(p => p.PossibleLabels!.Select(labels.IndexOf).ToArray())], sets.Coverage);
        }
        if (rule is null) return report;
        double[] scores = [.. predictions.Select(p => p.OutOfScopeScore!.Value)];
        report.Rejection = RejectionReport.Of(rule.Score, rule.Threshold, scores[..inside.Length], [.. truth.Zip(predicted, (t, p) => t == p)],
            scores[inside.Length..]);
        return report;
    }

    public static MultiLabelReport MultiLabel(LabelSet labels, IReadOnlyList<Row> rows, IReadOnlyList<MultiLabelClassifierPrediction> predictions)
    {
        var truth = new bool[rows.Count][];
        foreach (var (r, row) in rows.Index())
        {
            truth[r] = new bool[labels.Count];
            foreach (var label in row.Labels) truth[r][labels.GetIndex(label, $"{Where}, row {r + 1}")] = true;
        }
        bool[][] predicted = [.. predictions.Select(p => labels.Select(l => p.Labels.Contains(l)).ToArray())];
        return MultiLabel(labels, truth, predicted, [.. predictions.Select(p => p.Scores.Values.ToArray())]);
    }

    /// <summary>Measures predicted sets of labels.</summary>
    /// <param name="labels">The labels.</param>
    /// <param name="truth">For each row, whether it has each label.</param>
    /// <param name="predicted">For each row, whether each label is predicted.</param>
    /// <param name="probabilities">For each row, the probability of each label.</param>
    public static MultiLabelReport MultiLabel(LabelSet labels, bool[][] truth, bool[][] predicted, double[][] probabilities)
    {
        var perLabel = MultiLabelMetrics.PerLabel(truth, predicted);
        return new(
            truth.Length,
            MultiLabelMetrics.Micro(truth, predicted),
            MultiLabelMetrics.Macro(truth, predicted),
            MultiLabelMetrics.Samples(truth, predicted),
            MultiLabelMetrics.SubsetAccuracy(truth, predicted),
            MultiLabelMetrics.HammingLoss(truth, predicted),
            MultiLabelMetrics.RankingAveragePrecision(truth, probabilities),
            [.. labels.Select((l, i) => new ClassScores(l, perLabel[i], truth.Count(t => t[i])))]);
    }

    public static OrdinalReport Ordinal(LabelSet labels, IReadOnlyList<Row> rows, IReadOnlyList<OrdinalClassifierPrediction> predictions)
        => OrdinalReport.Of(labels.IndicesOf(rows, Where), [.. predictions.Select(p => labels.IndexOf(p.Label))],
            [.. predictions.Select(p => p.ExpectedLevel)]);

    public static RegressionReport Regression(IReadOnlyList<Row> rows, IReadOnlyList<TextRegressorPrediction> predictions)
        => RegressionReport.Of([.. rows.Select((r, i) => r.Score($"{Where}, row {i + 1}"))], [.. predictions.Select(p => p.Value)]);

    /// <summary>Measures tags; every row must have some.</summary>
    public static EntityReport Tokens(LabelSet labels, IReadOnlyList<TokenRow> rows,
        Func<IReadOnlyList<TokenRow>, IReadOnlyList<TokenClassifierPrediction>> predict)
    {
        if (rows.Index().FirstOrDefault(r => r.Item.Tags.Count == 0) is { Item: not null } bare)
            throw new SkTuningException($"Row {bare.Index + 1} has no tags, expected one for each word.");
        return EntityReport.Of(labels, [.. rows.Select(r => r.Tags.ToArray())], [.. predict(rows).Select(p => p.Tags.ToArray())]);
    }
}
