using SkTuning.Metrics;

namespace SkTuning;

/// <summary>
/// Accuracy against coverage: how accurate a classifier becomes if it answers only above a confidence (selective classification, Geifman and El-Yaniv 2017).
/// There is one point for every confidence that occurs, the highest first.
/// </summary>
public sealed class CoverageCurve
{
    private CoverageCurve(IReadOnlyList<CoveragePoint> points, double area) => (Points, AreaUnderRisk) = (points, area);

    /// <summary>Computes the curve of dev or test rows.</summary>
    /// <param name="right">Whether the prediction of each row is correct.</param>
    /// <param name="confidences">The confidence of each prediction: the probability of the predicted class, or any other score.</param>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, or a confidence is not finite.</exception>
    public static CoverageCurve Of(IReadOnlyList<bool> right, IReadOnlyList<double> confidences)
    {
        const string Name = "Coverage curve";
        Check.Rows(Name, right.Count, confidences.Count);
        Check.Finite(Name, confidences, "confidence");
        var order = Enumerable.Range(0, right.Count).OrderByDescending(i => confidences[i]).ToArray();
        var points = new List<CoveragePoint>();
        var (hits, before, risk) = (0, 0, 0.0);
        for (var taken = 1; taken <= order.Length; taken++)
        {
            var last = confidences[order[taken - 1]];
            if (right[order[taken - 1]]) hits++;
            if (taken < order.Length && confidences[order[taken]] == last) continue;   // equal confidences are answered together
            var accuracy = (double)hits / taken;
            risk += (1 - accuracy) * (taken - before);
            before = taken;
            points.Add(new(last, (double)taken / order.Length, accuracy));
        }
        return new(points, risk / order.Length);
    }

    /// <summary>Computes the curve from class indices and probabilities [rows][classes]. The confidence is the highest probability.</summary>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, a class is out of range, or a probability is not finite.</exception>
    public static CoverageCurve OfProbabilities(IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities)
    {
        Check.Rows("Coverage curve", truth.Count, probabilities.Count);
        Check.Classes("Coverage curve", truth, Check.Width("Coverage curve", probabilities, "probabilities"), "true");
        Check.Numbers("Coverage curve", probabilities, "probability");
        var best = probabilities.Select(p => Array.IndexOf(p, p.Max())).ToArray();
        return Of(truth.Zip(best, (t, b) => t == b).ToArray(), probabilities.Zip(best, (p, b) => p[b]).ToArray());
    }

    /// <summary>Gets one point for every confidence that occurs, the highest first. The last point answers every row.</summary>
    public IReadOnlyList<CoveragePoint> Points { get; }

    /// <summary>Gets the mean error over all coverages, from 0 to 1: low if the wrong predictions are those with low confidence.</summary>
    public double AreaUnderRisk { get; }

    /// <summary>
    /// Returns the point that answers as many rows as possible with at least the given accuracy, or null if there is none. The accuracy is that of these rows:
    /// on other rows, it will be similar, not equal.
    /// </summary>
    /// <exception cref="SkTuningException">The accuracy is not between 0 and 1.</exception>
    public CoveragePoint? ForAccuracy(double accuracy) => accuracy is >= 0 and <= 1
        ? Points.LastOrDefault(p => p.Accuracy >= accuracy)
        : throw new SkTuningException(FormattableString.Invariant($"Coverage curve: the requested accuracy is {accuracy}, expected 0 to 1."));

    /// <summary>Returns the point with the highest threshold that answers at least the given fraction of rows.</summary>
    /// <exception cref="SkTuningException">The coverage is not between 0 and 1.</exception>
    public CoveragePoint ForCoverage(double coverage) => coverage is >= 0 and <= 1
        ? Points.First(p => p.Coverage >= coverage)
        : throw new SkTuningException(FormattableString.Invariant($"Coverage curve: the requested coverage is {coverage}, expected 0 to 1."));
}
