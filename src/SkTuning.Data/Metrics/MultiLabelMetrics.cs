namespace SkTuning.Metrics;

/// <summary>Metrics of any number of labels a row, given as [rows][labels]. A ratio without a case is 0.</summary>
public static class MultiLabelMetrics
{
    /// <summary>The labels whose score reaches the threshold.</summary>
    public static bool[][] AtThreshold(IReadOnlyList<double[]> scores, double threshold = 0.5) => scores.Select(r => r.Select(s => s >= threshold).ToArray()).ToArray();

    /// <summary>The part of the rows with every label right.</summary>
    /// <exception cref="SkTuningException">No rows or labels, or unequal numbers of them.</exception>
    public static double SubsetAccuracy(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
    {
        Shapes("Subset accuracy", truth, predicted);
        return truth.Zip(predicted, (t, p) => t.AsSpan().SequenceEqual(p) ? 1.0 : 0).Average();
    }

    /// <summary>The part of all decisions that is wrong.</summary>
    /// <exception cref="SkTuningException">As <see cref="SubsetAccuracy"/>.</exception>
    public static double HammingLoss(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
    {
        var labels = Shapes("Hamming loss", truth, predicted);
        return truth.Zip(predicted, (t, p) => t.Where((v, l) => v != p[l]).Count()).Sum() / ((double)truth.Count * labels);
    }

    /// <summary>Precision, recall and F1 of each label.</summary>
    /// <exception cref="SkTuningException">As <see cref="SubsetAccuracy"/>.</exception>
    public static IReadOnlyList<Scores> PerLabel(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
        => Enumerable.Range(0, Shapes("Label scores", truth, predicted)).Select(l => Of(truth.Select(t => t[l]), predicted.Select(p => p[l]))).ToArray();

    /// <summary>The plain mean over labels.</summary>
    /// <exception cref="SkTuningException">As <see cref="SubsetAccuracy"/>.</exception>
    public static Scores Macro(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted) => Scores.Mean(PerLabel(truth, predicted), _ => 1);

    /// <summary>Over all decisions together.</summary>
    /// <exception cref="SkTuningException">As <see cref="SubsetAccuracy"/>.</exception>
    public static Scores Micro(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
    {
        Shapes("Micro scores", truth, predicted);
        return Of(truth.SelectMany(t => t), predicted.SelectMany(p => p));
    }

    /// <summary>The plain mean over rows; a row without a label, rightly predicted, counts 0.</summary>
    /// <exception cref="SkTuningException">As <see cref="SubsetAccuracy"/>.</exception>
    public static Scores Samples(IReadOnlyList<bool[]> truth, IReadOnlyList<bool[]> predicted)
    {
        Shapes("Sample scores", truth, predicted);
        return Scores.Mean(truth.Zip(predicted, (t, p) => Of(t, p)).ToArray(), _ => 1);
    }

    /// <summary>
    /// Label ranking average precision: for each true label the part of the labels ranked at or above it that are true, averaged over a row's true labels and
    /// then over rows. Equal scores share the lowest of their ranks; a row with no true label, or with all, counts 1.
    /// </summary>
    /// <exception cref="SkTuningException">As <see cref="SubsetAccuracy"/>, or a score that is not finite.</exception>
    public static double RankingAveragePrecision(IReadOnlyList<bool[]> truth, IReadOnlyList<double[]> scores)
    {
        Shapes("Label ranking average precision", truth, scores);
        for (var i = 0; i < scores.Count; i++)
            foreach (var score in scores[i])
                if (!double.IsFinite(score)) throw new SkTuningException(FormattableString.Invariant($"Label ranking average precision: row {i + 1} has the score {score}, expected finite numbers."));
        return truth.Zip(scores, Precision).Average();

        static double Precision(bool[] own, double[] scores)
        {
            var there = own.Count(v => v);
            if (there == 0 || there == own.Length) return 1;
            var sum = 0.0;
            for (var l = 0; l < own.Length; l++)
            {
                if (!own[l]) continue;
                int above = 0, right = 0;
                for (var m = 0; m < own.Length; m++)
                    if (scores[m] >= scores[l]) (above, right) = (above + 1, right + (own[m] ? 1 : 0));
                sum += (double)right / above;
            }
            return sum / there;
        }
    }

    private static Scores Of(IEnumerable<bool> truth, IEnumerable<bool> predicted)
    {
        int right = 0, guessed = 0, there = 0;
        foreach (var (t, p) in truth.Zip(predicted)) (right, guessed, there) = (right + (t && p ? 1 : 0), guessed + (p ? 1 : 0), there + (t ? 1 : 0));
        return Scores.Of(right, guessed, there);
    }

    private static int Shapes<T>(string metric, IReadOnlyList<bool[]> truth, IReadOnlyList<T[]> predicted)
    {
        Check.Rows(metric, truth.Count, predicted.Count);
        var (labels, other) = (Check.Width(metric, truth, "labels"), Check.Width(metric, predicted, "labels"));
        if (labels != other) throw new SkTuningException($"{metric}: {other} predicted labels in a row, expected {labels} as in the truth.");
        return labels > 0 ? labels : throw new SkTuningException($"{metric}: no labels, expected at least 1.");
    }
}
