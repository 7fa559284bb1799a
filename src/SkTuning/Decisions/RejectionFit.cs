using SkTuning.Metrics;

namespace SkTuning.Decisions;

/// <summary>Chooses the score and the threshold of a <see cref="RejectionRule"/>.</summary>
/// <param name="options">The options.</param>
/// <param name="temperature">The temperature of the classifier.</param>
internal sealed class RejectionFit(RejectionOptions options, double temperature)
{
    /// <summary>
    /// With labels that were left out, the number of standard errors over the parts, and the AUROC, by which a score must be better than the simplest. An
    /// adapter was trained with these labels, too, which makes distances look better than they are: on banking77 by up to 0.06.
    /// </summary>
    private const double MinErrors = 2, MinGain = 0.05;

    /// <summary>Fits a rule.</summary>
    /// <param name="reference">The training rows, as the final model computes them.</param>
    /// <param name="parts">Rows in scope that the model was not trained on, with the given rows out of scope, if there are some.</param>
    /// <param name="leftOut">Rows of labels that take the place of rows out of scope, for the choice of the score; can be empty.</param>
    public RejectionRule Fit(ScoredRows reference, IReadOnlyList<RejectionPart> parts, IReadOnlyList<RejectionPart> leftOut)
    {
        RejectionScore[] scores = options.Score is { } only ? [only] : [.. Enum.GetValues<RejectionScore>().Where(s => CanRead(s, reference))];
        RejectionPart[] choosing = [.. parts.Concat(leftOut).Where(p => p.OutOfScope is not null)];
        var aurocs = choosing.Length == 0 ? [] : scores.ToDictionary(s => s, s => choosing.Select(p => Auroc(s, p)).ToArray());
        // Given rows out of scope are the real thing; labels that are left out only resemble it.
        var chosen = Choose(scores, aurocs, parts.Any(p => p.OutOfScope is not null));
        var measured = parts.Select(p => (Part: p, Scorer: Scorer(chosen, p.Reference))).ToList();
        double[] inScope = [.. measured.SelectMany(m => m.Scorer.Of(m.Part.InScope))];
        double[] outOfScope = [.. measured.SelectMany(m => m.Part.OutOfScope is { } rows ? m.Scorer.Of(rows) : [])];
        bool[] right = [.. parts.SelectMany(p => Enumerable.Range(0, p.InScope.Count).Select(p.InScope.IsRight))];
        var threshold = options.RejectedFraction is null && outOfScope.Length > 0 ? OutOfScopeMetrics.BestThreshold(inScope, outOfScope)
            : OutOfScopeMetrics.Threshold(inScope, options.RejectedFraction ?? RejectionOptions.DefaultFraction);
        return new(Scorer(chosen, reference))
        {
            Threshold = threshold,
            OutOfScopeLabel = options.OutOfScopeLabel,
            Report = RejectionReport.Of(chosen, threshold, inScope, right, outOfScope) with
            {
                Candidates = aurocs.ToDictionary(a => a.Key, a => a.Value.Average()),
            },
        };
    }

    /// <summary>
    /// Returns the score with the highest mean AUROC or, if it is not clearly better, the first one, which needs nothing to be stored and no features.
    /// </summary>
    /// <param name="scores">The scores, the simplest first.</param>
    /// <param name="aurocs">The AUROC of each score with each part.</param>
    /// <param name="areGiven">The rows out of scope are given ones, which need no margin.</param>
    internal static RejectionScore Choose(RejectionScore[] scores, IReadOnlyDictionary<RejectionScore, double[]> aurocs, bool areGiven)
    {
        if (aurocs.Count == 0) return scores[0];
        var best = scores.MaxBy(s => aurocs[s].Average());
        if (areGiven) return best;
        double[] gains = [.. aurocs[best].Zip(aurocs[scores[0]], (b, first) => b - first)];
        var mean = gains.Average();
        var error = Math.Sqrt(gains.Sum(g => (g - mean) * (g - mean)) / (gains.Length - 1) / gains.Length);
        return mean > MinErrors * error && mean > MinGain ? best : scores[0];
    }

    private static bool CanRead(RejectionScore score, ScoredRows rows) => rows.Features is not null || !OutOfScopeScorer.ReadsFeatures(score);

    private OutOfScopeScorer Scorer(RejectionScore score, ScoredRows reference) => OutOfScopeScorer.Fit(score, reference, temperature, options.Neighbors);

    private double Auroc(RejectionScore score, RejectionPart part)
    {
        var scorer = Scorer(score, part.Reference);
        return OutOfScopeMetrics.Auroc(scorer.Of(part.InScope), scorer.Of(part.OutOfScope!));
    }
}
