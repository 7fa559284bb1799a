using SkTuning.Metrics;

namespace SkTuning.Decisions;

/// <summary>Computes a score from the scores of the labels and the features of a text. Exactly what the score needs is kept.</summary>
/// <param name="Score">The score.</param>
/// <param name="Temperature">The temperature that the scores of the labels are divided by.</param>
/// <param name="Distance">The means and the covariance; null for other scores.</param>
/// <param name="Neighbors">The known rows; null for other scores.</param>
internal sealed record OutOfScopeScorer(RejectionScore Score, double Temperature, MahalanobisDistance? Distance = null, NeighborDistance? Neighbors = null)
{
    /// <summary>The number of values of a row's features that the score needs; null if it needs none.</summary>
    public int? Width => Distance?.Means.Width ?? Neighbors?.Rows.Width;

    /// <summary>The maximum number of known rows that are kept.</summary>
    private const int MaxRows = 10_000;

    /// <summary>True if the score is computed from features.</summary>
    public static bool ReadsFeatures(RejectionScore score) => score is RejectionScore.Mahalanobis or RejectionScore.NearestNeighbors;

    /// <summary>Fits a scorer to rows that the model was trained on.</summary>
    public static OutOfScopeScorer Fit(RejectionScore score, ScoredRows rows, double temperature, int neighbors)
    {
        if (!ReadsFeatures(score)) return new(score, temperature);
        if (rows.Count > MaxRows) rows = rows.Of([.. Enumerable.Range(0, MaxRows).Select(i => (int)((long)i * rows.Count / MaxRows))]);
        return score == RejectionScore.Mahalanobis
            ? new(score, temperature, MahalanobisDistance.Fit(rows.Features!, rows.Classes))
            : new(score, temperature, Neighbors: new(rows.Features!, neighbors));
    }

    /// <summary>Returns the score of a text.</summary>
    public double Of(ReadOnlySpan<float> scores, ReadOnlySpan<float> features) => Score switch
    {
        RejectionScore.MaximumProbability => OutOfScopeScores.MaximumProbability(scores, Temperature),
        RejectionScore.Energy => OutOfScopeScores.Energy(scores, Temperature),
        RejectionScore.Mahalanobis => Distance!.Of(features),
        _ => Neighbors!.Of(features),
    };

    /// <summary>Returns the scores of rows.</summary>
    public double[] Of(ScoredRows rows)
        => [.. Enumerable.Range(0, rows.Count).Select(i => Of(rows.Scores[i], rows.Features is { } f ? f[i] : default))];
}
