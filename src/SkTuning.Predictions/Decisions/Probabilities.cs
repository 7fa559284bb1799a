namespace SkTuning.Decisions;

/// <summary>Converts scores to probabilities. They are computed in fp64 and rounded to fp32, so that they are the same on every machine.</summary>
internal static class Probabilities
{
    /// <summary>Returns probabilities that add up to 1. They are NaN if a score is too large for the temperature.</summary>
    /// <param name="scores">The scores of a row.</param>
    /// <param name="temperature">The number that scores are divided by.</param>
    public static double[] Softmax(ReadOnlySpan<float> scores, double temperature = 1)
    {
        var probabilities = new double[scores.Length];
        var (divisor, max, sum) = ((float)temperature, double.NegativeInfinity, 0.0);
        for (var c = 0; c < scores.Length; c++) max = Math.Max(max, probabilities[c] = scores[c] / divisor);
        for (var c = 0; c < probabilities.Length; c++) sum += probabilities[c] = Math.Exp(probabilities[c] - max);
        for (var c = 0; c < probabilities.Length; c++) probabilities[c] = (float)(probabilities[c] / sum);
        return probabilities;
    }

    /// <summary>Returns the probability of each label for itself.</summary>
    public static double[] Sigmoid(ReadOnlySpan<float> scores)
    {
        var probabilities = new double[scores.Length];
        for (var c = 0; c < scores.Length; c++) probabilities[c] = (float)(1 / (1 + Math.Exp(-scores[c])));
        return probabilities;
    }

    /// <summary>Returns the index of the highest probability, the first of equal ones.</summary>
    public static int Best(ReadOnlySpan<double> probabilities)
    {
        var best = 0;
        for (var c = 1; c < probabilities.Length; c++)
            if (probabilities[c] > probabilities[best]) best = c;
        return best;
    }
}
