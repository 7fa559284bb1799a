using SkTuning.Metrics;

namespace SkTuning.Decisions;

/// <summary>Chooses the score and the threshold of a <see cref="RejectionRule"/>.</summary>
/// <param name="options">The options.</param>
/// <param name="temperature">The temperature of the classifier.</param>
internal sealed class RejectionFit(RejectionOptions options, double temperature)
{
    /// <summary>Fits a rule.</summary>
    /// <param name="reference">The training rows, as the final model computes them.</param>
    /// <param name="parts">Rows in scope that the model was not trained on, with the given rows out of scope, if there are some.</param>
    /// <param name="leftOut">Rows of labels that take the place of rows out of scope, for the choice of the score; can be empty.</param>
    public RejectionRule Fit(ScoredRows reference, IReadOnlyList<RejectionPart> parts, IReadOnlyList<RejectionPart> leftOut)
    {
        RejectionScore[] scores = options.Score is { } only ? [only] : [.. Enum.GetValues<RejectionScore>().Where(s => CanRead(s, reference))];
        RejectionPart[] choosing = [.. parts.Concat(leftOut).Where(p => p.OutOfScope is not null)];
        var aurocs = choosing.Length == 0 ? [] : scores.ToDictionary(s => s, s => choosing.Average(p => Auroc(s, p)));
        var chosen = Choose(scores, aurocs);
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
            Report = RejectionReport.Of(chosen, threshold, inScope, right, outOfScope) with { Candidates = aurocs },
        };
    }

    private static RejectionScore Choose(RejectionScore[] scores, Dictionary<RejectionScore, double> aurocs)
        => aurocs.Count == 0 ? scores[0] : scores.MaxBy(s => aurocs[s]);

    private static bool CanRead(RejectionScore score, ScoredRows rows) => rows.Features is not null || !OutOfScopeScorer.ReadsFeatures(score);

    private OutOfScopeScorer Scorer(RejectionScore score, ScoredRows reference) => OutOfScopeScorer.Fit(score, reference, temperature, options.Neighbors);

    private double Auroc(RejectionScore score, RejectionPart part)
    {
        var scorer = Scorer(score, part.Reference);
        return OutOfScopeMetrics.Auroc(scorer.Of(part.InScope), scorer.Of(part.OutOfScope!));
    }
}
