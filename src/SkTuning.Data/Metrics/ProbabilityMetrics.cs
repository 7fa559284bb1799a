namespace SkTuning.Metrics;

/// <summary>Metrics that compare predicted probabilities [rows][classes] with true class indices.</summary>
public static class ProbabilityMetrics
{
    /// <summary>
    /// Returns the mean of -ln p(true class). Each row is divided by its sum and then kept at least 2.2e-16 (the spacing of doubles at 1) away from 0 and 1, so
    /// that a wrong prediction with full confidence costs 36 instead of infinity.
    /// </summary>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, or a number is not a probability.</exception>
    public static double LogLoss(IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities)
    {
        Probabilities("Log loss", truth, probabilities);
        var epsilon = Math.BitIncrement(1.0) - 1;
        return Mean(truth.Count, i => -Math.Log(Math.Clamp(probabilities[i][truth[i]] / probabilities[i].Sum(), epsilon, 1 - epsilon)));
    }

    /// <summary>
    /// Returns the mean squared distance between the probabilities and the true class as 0/1, summed over classes, from 0 to 2. (For two classes, this is twice
    /// the score of one of them.)
    /// </summary>
    /// <exception cref="SkTuningException">See <see cref="LogLoss"/>.</exception>
    public static double Brier(IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities)
    {
        Probabilities("Brier score", truth, probabilities);
        return Mean(truth.Count, i => probabilities[i].Select((p, c) => c == truth[i] ? (1 - p) * (1 - p) : p * p).Sum());
    }

    /// <summary>
    /// Returns the expected calibration error (Guo et al. 2017): rows are put into bins of equal width by the probability of the predicted class, (0, 0.1],
    /// (0.1, 0.2], and so on; the error is the mean over rows of the distance between a bin's accuracy and its mean probability.
    /// </summary>
    /// <exception cref="SkTuningException">See <see cref="LogLoss"/>; or the number of bins is less than 1.</exception>
    public static double CalibrationError(IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities, int bins = 10)
    {
        Probabilities("Calibration error", truth, probabilities);
        if (bins < 1) throw new SkTuningException($"Calibration error: {bins} bins, expected at least 1.");
        var gaps = new double[bins];
        for (var i = 0; i < truth.Count; i++)
        {
            var best = Best(probabilities[i]);
            var confidence = probabilities[i][best];
            var bin = Math.Clamp((int)Math.Ceiling(confidence * bins) - 1, 0, bins - 1);
            gaps[bin] += (best == truth[i] ? 1 : 0) - confidence;
        }
        return gaps.Sum(Math.Abs) / truth.Count;
    }

    /// <summary>
    /// Returns the fraction of rows whose true class is among the <paramref name="k"/> most probable classes. Of equally probable classes, the last ranks
    /// first, as in scikit-learn.
    /// </summary>
    /// <exception cref="SkTuningException">See <see cref="LogLoss"/>; or k is less than 1.</exception>
    public static double TopK(IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities, int k)
    {
        Probabilities("Top-k accuracy", truth, probabilities);
        if (k < 1) throw new SkTuningException($"Top-k accuracy: k is {k}, expected at least 1.");
        return Mean(truth.Count, i =>
        {
            var (row, own) = (probabilities[i], truth[i]);
            return row.Where((p, c) => p > row[own] || p == row[own] && c > own).Count() < k ? 1 : 0;
        });
    }

    /// <summary>
    /// Returns the area under the ROC curve for two classes: the probability that a row of class 1 gets a higher probability of class 1 than a row of class 0,
    /// where a tie counts half. NaN if there are more than two classes (see <see cref="AucOneVersusRest"/>) or all rows have the same class.
    /// </summary>
    /// <exception cref="SkTuningException">See <see cref="LogLoss"/>.</exception>
    public static double Auc(IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities)
    {
        Probabilities("AUC", truth, probabilities);
        return probabilities[0].Length == 2 ? OneVersusRest(truth, probabilities, 1) : double.NaN;
    }

    /// <summary>
    /// Returns the mean over classes of the area under the ROC curve of each class against the others; NaN if a class has no rows, or all rows.
    /// </summary>
    /// <exception cref="SkTuningException">See <see cref="LogLoss"/>.</exception>
    public static double AucOneVersusRest(IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities)
    {
        Probabilities("AUC", truth, probabilities);
        return Mean(probabilities[0].Length, c => OneVersusRest(truth, probabilities, c));
    }

    /// <summary>The Mann-Whitney U statistic from mean ranks.</summary>
    private static double OneVersusRest(IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities, int positive)
    {
        var ranks = Ranks.Of(probabilities.Select(p => p[positive]).ToArray());
        double own = truth.Count(t => t == positive), others = truth.Count - own;
        if (own == 0 || others == 0) return double.NaN;
        var sum = ranks.Where((_, i) => truth[i] == positive).Sum();
        return (sum - own * (own + 1) / 2) / (own * others);
    }

    private static int Best(double[] row)
    {
        var best = 0;
        for (var c = 1; c < row.Length; c++) if (row[c] > row[best]) best = c;
        return best;
    }

    private static double Mean(int count, Func<int, double> value)
    {
        var sum = 0.0;
        for (var i = 0; i < count; i++) sum += value(i);
        return sum / count;
    }

    /// <summary>The sum of a row can differ from 1 by the rounding of 32-bit or lower precision, or of six decimal digits, but not by more.</summary>
    private static void Probabilities(string metric, IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities)
    {
        Check.Rows(metric, truth.Count, probabilities.Count);
        Check.Classes(metric, truth, Check.Width(metric, probabilities, "probabilities"), "true");
        for (var i = 0; i < probabilities.Count; i++)
        {
            foreach (var p in probabilities[i])
                if (!(p >= 0 && p <= 1 + 1e-6))
                    throw new SkTuningException(FormattableString.Invariant($"{metric}: row {i + 1} has the probability {p}, expected 0 to 1."));
            var sum = probabilities[i].Sum();
            if (Math.Abs(sum - 1) > 1e-3)
                throw new SkTuningException(FormattableString.Invariant($"{metric}: the probabilities of row {i + 1} sum to {sum}, expected 1."));
        }
    }
}
