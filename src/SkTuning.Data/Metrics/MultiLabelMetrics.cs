namespace SkTuning.Metrics;

/// <summary>Metrics of rows with any number of labels, given as [rows][labels]. A ratio with denominator 0 is 0.</summary>
public static class MultiLabelMetrics
{
    /// <summary>Returns whether each score reaches the threshold, [rows][labels].</summary>
    /// <exception cref="SkTuningException">A score or the threshold is NaN.</exception>
    public static bool[][] AtThreshold(IReadOnlyList<double[]> scores, double threshold = 0.5)
    {
        if (double.IsNaN(threshold)) throw new SkTuningException("Label thresholds: the threshold is NaN, expected a number.");
        Check.Numbers("Label thresholds", scores, "score");
        return scores.Select(r => r.Select(s => s >= threshold).ToArray()).ToArray();
    }

    /// <summary>Returns the fraction of rows whose labels are all predicted correctly.</summary>
    /// <exception cref="SkTuningException">There are no rows or labels, or their numbers differ.</exception>
    public static double SubsetAccuracy(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
    {
        Shapes("Subset accuracy", truth, predicted);
        return truth.Zip(predicted, (t, p) => t.AsSpan().SequenceEqual(p) ? 1.0 : 0).Average();
    }

    /// <summary>Returns the fraction of label decisions that are wrong.</summary>
    /// <exception cref="SkTuningException">See <see cref="SubsetAccuracy"/>.</exception>
    public static double HammingLoss(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
    {
        var labels = Shapes("Hamming loss", truth, predicted);
        return truth.Zip(predicted, (t, p) => t.Where((v, l) => v != p[l]).Count()).Sum() / ((double)truth.Count * labels);
    }

    /// <summary>Returns the precision, recall, and F1 of each label.</summary>
    /// <exception cref="SkTuningException">See <see cref="SubsetAccuracy"/>.</exception>
    public static IReadOnlyList<Scores> PerLabel(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
        => Enumerable.Range(0, Shapes("Label scores", truth, predicted)).Select(l => Of(truth.Select(t => t[l]), predicted.Select(p => p[l]))).ToArray();

    /// <summary>Returns the unweighted mean over labels.</summary>
    /// <exception cref="SkTuningException">See <see cref="SubsetAccuracy"/>.</exception>
    public static Scores Macro(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted) => Scores.Mean(PerLabel(truth, predicted), _ => 1);

    /// <summary>Returns the scores over all decisions together.</summary>
    /// <exception cref="SkTuningException">See <see cref="SubsetAccuracy"/>.</exception>
    public static Scores Micro(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
    {
        Shapes("Micro scores", truth, predicted);
        return Of(truth.SelectMany(t => t), predicted.SelectMany(p => p));
    }

    /// <summary>Returns the unweighted mean over rows. A row without labels counts as 0, even if predicted correctly.</summary>
    /// <exception cref="SkTuningException">See <see cref="SubsetAccuracy"/>.</exception>
    public static Scores Samples(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
    {
        Shapes("Sample scores", truth, predicted);
        return Scores.Mean(truth.Zip(predicted, (t, p) => Of(t, p)).ToArray(), _ => 1);
    }

    /// <summary>
    /// Returns the label ranking average precision: for each true label, the fraction of the labels ranked at or above it that are true, averaged over the true
    /// labels of a row and then over rows. Equal scores share the lowest of their ranks. A row in which no label is true, or all are, counts as 1.
    /// </summary>
    /// <exception cref="SkTuningException">See <see cref="SubsetAccuracy"/>; or a score is not finite.</exception>
    public static double RankingAveragePrecision(IReadOnlyList<bool[]> truth, IReadOnlyList<double[]> scores)
    {
        Shapes("Label ranking average precision", truth, scores);
        for (var i = 0; i < scores.Count; i++)
            foreach (var score in scores[i])
                if (!double.IsFinite(score))
                    throw new SkTuningException(
                        FormattableString.Invariant($"Label ranking average precision: row {i + 1} has the score {score}, expected finite numbers."));
        return truth.Zip(scores, Precision).Average();

        static double Precision(bool[] own, double[] scores)
        {
            var positives = own.Count(v => v);
            if (positives == 0 || positives == own.Length) return 1;
            var sum = 0.0;
            for (var l = 0; l < own.Length; l++)
            {
                if (!own[l]) continue;
                int above = 0, right = 0;
                for (var m = 0; m < own.Length; m++)
                    if (scores[m] >= scores[l]) (above, right) = (above + 1, right + (own[m] ? 1 : 0));
                sum += (double)right / above;
            }
            return sum / positives;
        }
    }

    private static Scores Of(IEnumerable<bool> truth, IEnumerable<bool> predicted)
    {
        int right = 0, guessed = 0, actual = 0;
        foreach (var (t, p) in truth.Zip(predicted)) (right, guessed, actual) = (right + (t && p ? 1 : 0), guessed + (p ? 1 : 0), actual + (t ? 1 : 0));
        return Scores.Of(right, guessed, actual);
    }

    private static int Shapes<T>(string metric, IReadOnlyList<bool[]> truth, IReadOnlyList<T[]> predicted)
    {
        Check.Rows(metric, truth.Count, predicted.Count);
        var (labels, other) = (Check.Width(metric, truth, "labels"), Check.Width(metric, predicted, "labels"));
        if (labels != other) throw new SkTuningException($"{metric}: {other} predicted labels per row, expected {labels} as in the true labels.");
        return labels > 0 ? labels : throw new SkTuningException($"{metric}: no labels, expected at least 1.");
    }
}
