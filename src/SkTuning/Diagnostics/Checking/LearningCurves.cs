namespace SkTuning.Diagnostics;

/// <summary>Extrapolates the errors of labels: an error falls as a power of the number of rows.</summary>
internal static class LearningCurves
{
    /// <summary>The fractions of the rows at which errors are measured.</summary>
    public static IReadOnlyList<double> Fractions { get; } = [0.25, 0.5, 1];

    /// <summary>The exponent of a label with too few rows to measure one.</summary>
    public const double UsualExponent = 0.5;

    private const int FewRows = 4;

    /// <summary>Returns the mean probability of all other labels over the rows of each label.</summary>
    public static double[] Errors(IReadOnlyList<int> labels, IReadOnlyList<double[]> probabilities)
    {
        var (sums, rows) = (new double[probabilities[0].Length], new int[probabilities[0].Length]);
        for (var i = 0; i < labels.Count; i++)
        {
            sums[labels[i]] += 1 - probabilities[i][labels[i]];
            rows[labels[i]]++;
        }
        return [.. sums.Select((sum, c) => sum / Math.Max(1, rows[c]))];
    }

    /// <summary>
    /// Returns the exponent b of error = a · rows^-b, from 0 to 1: the least-squares slope of the logarithms. A label with few rows has the usual one.
    /// </summary>
    /// <param name="rows">The number of rows of the label.</param>
    /// <param name="errors">The errors at <see cref="Fractions"/>.</param>
    public static double Exponent(int rows, IReadOnlyList<double> errors)
    {
        if (rows < FewRows || errors.Any(e => e <= 0)) return rows < FewRows ? UsualExponent : 0;
        double[] x = [.. Fractions.Select(f => Math.Log(f))], y = [.. errors.Select(e => Math.Log(e))];
        var (middleX, middleY) = (x.Average(), y.Average());
        var slope = x.Zip(y, (a, b) => (a - middleX) * (b - middleY)).Sum() / x.Sum(a => (a - middleX) * (a - middleX));
        return Math.Clamp(-slope, 0, 1);
    }

    /// <summary>Returns the error with further rows.</summary>
    public static double Error(int rows, int more, double error, double exponent) => error * Math.Pow((double)(rows + more) / rows, -exponent);
}
