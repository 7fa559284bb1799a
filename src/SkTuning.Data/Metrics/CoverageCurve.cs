using SkTuning.Metrics;

namespace SkTuning;

/// <summary>
/// Accuracy against coverage: what a classifier gains by saying "I do not know" below a confidence (selective classification, Geifman and El-Yaniv 2017). One point for every
/// confidence that occurs, the surest first.
/// </summary>
public sealed class CoverageCurve
{
    private CoverageCurve(IReadOnlyList<CoveragePoint> points, double area) => (Points, AreaUnderRisk) = (points, area);

    /// <summary>The curve of dev or test rows.</summary>
    /// <param name="right">Whether the prediction of each row is right.</param>
    /// <param name="confidences">Its confidence: the probability of the predicted class, or any other score.</param>
    /// <exception cref="SkTuningException">No rows, unequal numbers of them, or a confidence that is not finite.</exception>
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

    /// <summary>From class indices and probabilities [rows][classes]; the confidence is that of the most probable class.</summary>
    /// <exception cref="SkTuningException">No rows, unequal numbers of them, or a class out of range.</exception>
    public static CoverageCurve OfProbabilities(IReadOnlyList<int> truth, IReadOnlyList<double[]> probabilities)
    {
        Check.Rows("Coverage curve", truth.Count, probabilities.Count);
        Check.Classes("Coverage curve", truth, Check.Width("Coverage curve", probabilities, "probabilities"), "true");
        var best = probabilities.Select(p => Array.IndexOf(p, p.Max())).ToArray();
        return Of(truth.Zip(best, (t, b) => t == b).ToArray(), probabilities.Zip(best, (p, b) => p[b]).ToArray());
    }

    /// <summary>One point for every confidence that occurs, the surest first; the last answers every row.</summary>
    public IReadOnlyList<CoveragePoint> Points { get; }

    /// <summary>The mean error over all coverages, 0 to 1: low where the wrong predictions are the unsure ones.</summary>
    public double AreaUnderRisk { get; }

    /// <summary>
    /// The point that answers most rows with at least the wanted accuracy, or null where none does. The accuracy is that of these rows: on others it will be near it, not at it.
    /// </summary>
    /// <exception cref="SkTuningException">The accuracy is not within 0 and 1.</exception>
    public CoveragePoint? ForAccuracy(double accuracy) => accuracy is >= 0 and <= 1
        ? Points.LastOrDefault(p => p.Accuracy >= accuracy)
        : throw new SkTuningException(FormattableString.Invariant($"Coverage curve: the wanted accuracy is {accuracy}, expected 0 to 1."));

    /// <summary>The point that answers at least so large a part of the rows, with the highest threshold that does.</summary>
    /// <exception cref="SkTuningException">The coverage is not within 0 and 1.</exception>
    public CoveragePoint ForCoverage(double coverage) => coverage is >= 0 and <= 1
        ? Points.First(p => p.Coverage >= coverage)
        : throw new SkTuningException(FormattableString.Invariant($"Coverage curve: the wanted coverage is {coverage}, expected 0 to 1."));
}
