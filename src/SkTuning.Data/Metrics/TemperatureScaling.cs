using MathNet.Numerics.RootFinding;

namespace SkTuning.Metrics;

/// <summary>
/// Probabilities that mean what they say: logits are divided by one number before the softmax, the one that makes the log loss of dev rows smallest (Guo et al. 2017, section 4.2).
/// Which class is predicted does not change.
/// </summary>
public sealed class TemperatureScaling
{
    /// <summary>
    /// The temperatures that are considered. Where every dev row is right the loss falls without end as the temperature falls; where the logits say nothing, as it rises.
    /// </summary>
    public const double Lowest = 0.05, Highest = 100;

    /// <summary>A temperature that is known, such as one from an adapter.</summary>
    /// <exception cref="SkTuningException">It is not a positive finite number.</exception>
    public TemperatureScaling(double temperature)
        => Temperature = temperature > 0 && double.IsFinite(temperature) ? temperature : throw new SkTuningException(FormattableString.Invariant($"Temperature scaling: the temperature is {temperature}, expected a positive number."));

    /// <summary>What logits are divided by: above 1 for a model that is too sure of itself, below 1 for one that is not sure enough.</summary>
    public double Temperature { get; }

    /// <summary>Whether the best temperature may lie beyond <see cref="Lowest"/> or <see cref="Highest"/>: there are too few dev rows, or too few errors among them, to tell.</summary>
    public bool IsAtLimit => Temperature is <= Lowest or >= Highest;

    /// <summary>The temperature with the smallest log loss.</summary>
    /// <param name="truth">The true class of every dev row, from 0.</param>
    /// <param name="logits">Logits or log-probabilities, [rows][classes]; a class may have negative infinity.</param>
    /// <exception cref="SkTuningException">No rows, unequal numbers of them, a class out of range, or a score that is no number.</exception>
    public static TemperatureScaling Fit(IReadOnlyList<int> truth, IReadOnlyList<double[]> logits)
    {
        const string Name = "Temperature scaling";
        Check.Rows(Name, truth.Count, logits.Count);
        Check.Classes(Name, truth, Check.Width(Name, logits, "logits"), "true");
        for (var i = 0; i < logits.Count; i++)
            if (logits[i].Any(z => double.IsNaN(z) || double.IsPositiveInfinity(z)) || double.IsNegativeInfinity(logits[i][truth[i]]))
                throw new SkTuningException($"{Name}: row {i + 1} has a logit that is no number, or minus infinity for its true class, expected finite ones.");
        // The loss is convex in b = 1/T, so its slope, sum over rows of E_p[z] - z_true, rises with b and is 0 at the best one.
        if (Slope(1 / Lowest) <= 0) return new(Lowest);
        if (Slope(1 / Highest) >= 0) return new(Highest);
        return new(1 / Brent.FindRoot(Slope, 1 / Highest, 1 / Lowest, accuracy: 1e-12, maxIterations: 200));

        double Slope(double b)
        {
            var sum = 0.0;
            for (var i = 0; i < logits.Count; i++)
            {
                var (z, p) = (logits[i], Softmax(logits[i], b));
                for (var c = 0; c < z.Length; c++) if (p[c] > 0) sum += p[c] * z[c];
                sum -= z[truth[i]];
            }
            return sum / logits.Count;
        }
    }

    /// <summary>Probabilities of logits or log-probabilities: softmax(z / T).</summary>
    public double[] Apply(IReadOnlyList<double> logits) => Softmax(logits, 1 / Temperature);

    /// <summary>As <see cref="Apply"/>, from probabilities: what a classifier predicts without keeping its logits.</summary>
    public double[] ApplyToProbabilities(IReadOnlyList<double> probabilities) => Apply(probabilities.Select(p => Math.Log(p)).ToArray());

    private static double[] Softmax(IReadOnlyList<double> logits, double scale)
    {
        var most = logits.Max();
        var p = logits.Select(z => Math.Exp((z - most) * scale)).ToArray();
        var sum = p.Sum();
        for (var c = 0; c < p.Length; c++) p[c] /= sum;
        return p;
    }
}
