namespace SkTuning.Metrics;

/// <summary>
/// Finds labels that disagree with out-of-fold probabilities (confident learning, arXiv 1911.00068): a row counts as one of another label only if the label's
/// probability reaches what is usual for the rows of that label.
/// </summary>
internal static class ConfidentLearning
{
    /// <summary>Returns the threshold of each label: the mean probability of the label over its own rows; above 1 for a label without rows.</summary>
    /// <param name="labels">The given label of each row.</param>
    /// <param name="probabilities">The probabilities of each row, [rows][labels].</param>
    public static double[] Thresholds(IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities)
    {
        var count = Check.Width("Confident learning", probabilities, "probabilities");
        Check.Rows("Confident learning", labels.Count, probabilities.Count);
        Check.Classes("Confident learning", labels, count, "given");
        var (sums, rows) = (new double[count], new int[count]);
        for (var i = 0; i < labels.Count; i++)
        {
            sums[labels[i]] += probabilities[i][labels[i]];
            rows[labels[i]]++;
        }
        return [.. sums.Select((sum, c) => rows[c] == 0 ? 2 : sum / rows[c])];
    }

    /// <summary>
    /// Returns the label that a row confidently has: the most likely of those that reach their thresholds, the first of equally likely ones; -1 if none does.
    /// </summary>
    public static int ConfidentLabel(double[] probabilities, double[] thresholds)
    {
        var best = -1;
        for (var c = 0; c < probabilities.Length; c++)
            if (probabilities[c] >= thresholds[c] && (best < 0 || probabilities[c] > probabilities[best])) best = c;
        return best;
    }

    /// <summary>Returns the probability of the given label, relative to the threshold of the label: the lower, the more likely is an error.</summary>
    public static double SelfConfidence(double[] probabilities, int label, double[] thresholds) => probabilities[label] / thresholds[label];

    /// <summary>Returns the most likely label other than the given one, the first of equally likely ones.</summary>
    public static int Best(double[] probabilities, int except)
    {
        var best = except == 0 ? 1 : 0;
        for (var c = best + 1; c < probabilities.Length; c++)
            if (c != except && probabilities[c] > probabilities[best]) best = c;
        return best;
    }
}
