namespace SkTuning.Metrics;

/// <summary>
/// Calibrates probabilities: logits are divided by a temperature before the softmax. The temperature minimizes the log loss of dev rows (Guo et al. 2017,
/// section 4.2). The predicted class does not change.
/// </summary>
public sealed class TemperatureScaling
{
    /// <summary>
    /// The lowest temperature that <see cref="Fit"/> considers. If every dev row is predicted correctly, the loss keeps falling as the temperature falls.
    /// </summary>
    public const double Lowest = 0.05;

    /// <summary>
    /// The highest temperature that <see cref="Fit"/> considers. If the logits are uninformative, the loss keeps falling as the temperature rises.
    /// </summary>
    public const double Highest = 100;

    /// <summary>Creates a scaling with a known temperature, such as one from an adapter.</summary>
    /// <param name="temperature">The temperature, a positive finite number.</param>
    /// <exception cref="SkTuningException">The temperature is not a positive finite number.</exception>
    public TemperatureScaling(double temperature) => Temperature = temperature > 0 && double.IsFinite(temperature)
        ? temperature
        : throw new SkTuningException(FormattableString.Invariant($"Temperature scaling: the temperature is {temperature}, expected a positive number."));

    /// <summary>Gets the number that logits are divided by: above 1 for an overconfident model, below 1 for an underconfident one.</summary>
    public double Temperature { get; }

    /// <summary>
    /// Gets a value that indicates whether the best temperature may lie beyond <see cref="Lowest"/> or <see cref="Highest"/>: there are too few dev rows, or
    /// too few errors among them, to determine it.
    /// </summary>
    public bool IsAtLimit => Temperature is <= Lowest or >= Highest;

    /// <summary>Finds the temperature with the smallest log loss.</summary>
    /// <param name="truth">The true class of every dev row, from 0.</param>
    /// <param name="logits">Logits or log-probabilities, [rows][classes]. A class can have negative infinity.</param>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, a class is out of range, or a logit is NaN.</exception>
    public static TemperatureScaling Fit(IReadOnlyList<int> truth, IReadOnlyList<double[]> logits)
    {
        const string Name = "Temperature scaling";
        Check.Rows(Name, truth.Count, logits.Count);
        Check.Classes(Name, truth, Check.Width(Name, logits, "logits"), "true");
        for (var i = 0; i < logits.Count; i++)
            if (logits[i].Any(z => double.IsNaN(z) || double.IsPositiveInfinity(z)) || double.IsNegativeInfinity(logits[i][truth[i]]))
                throw new SkTuningException($"{Name}: row {i + 1} has a logit that is NaN or positive infinity, or negative infinity for its true class.");
        // The loss is convex in b = 1/T, so its slope rises with b and is 0 at the minimum.
        if (Slope(1 / Lowest).Value <= 0) return new(Lowest);
        if (Slope(1 / Highest).Value >= 0) return new(Highest);
        return new(1 / Root(Slope, 1 / Highest, 1 / Lowest));

        // The mean over rows of E_p[z] - z_true, and its derivative, the mean variance of z under p.
        (double Value, double Derivative) Slope(double b)
        {
            double slope = 0, derivative = 0;
            for (var i = 0; i < logits.Count; i++)
            {
                var (z, p) = (logits[i], Softmax(logits[i], b));
                double mean = 0, variance = 0;
                for (var c = 0; c < z.Length; c++) if (p[c] > 0) mean += p[c] * z[c];
                for (var c = 0; c < z.Length; c++) if (p[c] > 0) variance += p[c] * (z[c] - mean) * (z[c] - mean);
                (slope, derivative) = (slope + mean - z[truth[i]], derivative + variance);
            }
            return (slope / logits.Count, derivative / logits.Count);
        }
    }

    /// <summary>Returns the probabilities for logits or log-probabilities: softmax(z / T).</summary>
    /// <exception cref="SkTuningException">A logit is NaN or positive infinity, or all are negative infinity.</exception>
    public double[] Apply(IReadOnlyList<double> logits)
    {
        if (logits.Any(z => double.IsNaN(z) || double.IsPositiveInfinity(z)) || logits.Count > 0 && logits.All(double.IsNegativeInfinity))
            throw new SkTuningException("Temperature scaling: a logit is NaN or positive infinity, or all are negative infinity, expected finite numbers.");
        return Softmax(logits, 1 / Temperature);
    }

    /// <summary>Returns calibrated probabilities for the probabilities that a classifier predicts without keeping its logits.</summary>
    /// <exception cref="SkTuningException">A number is negative, not finite, or all are 0.</exception>
    public double[] ApplyToProbabilities(IReadOnlyList<double> probabilities) => Apply(probabilities.Select(p => Math.Log(p)).ToArray());

    /// <summary>The root of a rising function between two bounds: Newton's method, and bisection where a step leaves the bounds or does not halve.</summary>
    private static double Root(Func<double, (double Value, double Derivative)> function, double low, double high)
    {
        const double Tolerance = 1e-13;
        var (at, step) = ((low + high) / 2, high - low);
        while (step > Tolerance * at && high - low > Tolerance * at)
        {
            var (value, derivative) = function(at);
            if (value == 0) return at;
            if (value > 0) high = at;
            else low = at;
            var next = at - value / derivative;
            if (!(next > low && next < high) || Math.Abs(next - at) > step / 2) next = (low + high) / 2;
            (step, at) = (Math.Abs(next - at), next);
        }
        return at;
    }

    private static double[] Softmax(IReadOnlyList<double> logits, double scale)
    {
        var max = logits.Max();
        var p = logits.Select(z => Math.Exp((z - max) * scale)).ToArray();
        var sum = p.Sum();
        for (var c = 0; c < p.Length; c++) p[c] /= sum;
        return p;
    }
}
