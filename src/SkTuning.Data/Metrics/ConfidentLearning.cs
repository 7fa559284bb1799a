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

    /// <summary>
    /// Returns the label that a row probably has in place of the given one: it confidently has that label, and the probability of the given one is less than a
    /// third of what is usual for its rows; -1 if there is none.
    /// </summary>
    public static int Suggested(double[] probabilities, int label, double[] thresholds)
    {
        const double Unusual = 1 / 3.0;
        var other = ConfidentLabel(probabilities, thresholds);
        return other >= 0 && other != label && probabilities[label] < Unusual * thresholds[label] ? other : -1;
    }
}
