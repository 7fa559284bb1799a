using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Decisions;
using SkTuning.Metrics;

namespace SkTuning.Answers;

/// <summary>One label for each text: the most likely one, as the decision sees it.</summary>
/// <param name="labels">The labels.</param>
/// <param name="decision">The decision.</param>
/// <param name="seed">The seed of the adapter, which prediction sets depend on.</param>
/// <param name="readsPairs">Rows are pairs of texts.</param>
internal sealed class SingleLabelAnswers(LabelSet labels, ClassificationDecision decision, ulong seed, bool readsPairs)
    : TextAnswers<TextClassifierPrediction>(readsPairs)
{
    public override bool ReadsFeatures => decision.Rejection is { } rule && OutOfScopeScorer.ReadsFeatures(rule.Score);

    public override TextClassifierPrediction Failed(string error)
        => new() { Label = "", Confidence = 0, IsConfident = false, Scores = new Dictionary<string, double>(), Error = error };

    private protected override IEnumerable<TextClassifierPrediction> Answer(ScoredRows? scores, IReadOnlyList<(Row Row, EncodedRow Encoded)> rows)
    {
        if (scores is null) return [];
        var outOfScope = OutOfScope(scores);
        return rows.Select((row, r) =>
        {
            var answer = WithSet(Answer(scores.Scores[r], row.Encoded.WasTruncated), scores.Scores[r], row.Encoded);
            return outOfScope is null ? answer : Rejected(answer, outOfScope[r]);
        });
    }

    private TextClassifierPrediction Answer(ReadOnlySpan<float> scores, bool wasTruncated)
    {
        var probabilities = Probabilities.Softmax(scores, decision.Temperature);
        var best = Probabilities.Best(probabilities);
        var confidence = probabilities[best];
        if (!double.IsFinite(confidence)) return Failed(NotFinite);                                      // scores near the largest number, divided
        return new()
        {
            Label = labels[best], Confidence = confidence, Scores = new LabelScores(labels, probabilities),
            IsConfident = confidence >= decision.ConfidenceThreshold, WasTruncated = wasTruncated,
        };
    }

    private TextClassifierPrediction WithSet(TextClassifierPrediction prediction, ReadOnlySpan<float> scores, EncodedRow row)
    {
        if (decision.Sets is not { } sets || prediction.Error is not null) return prediction;
        var set = AdaptiveSets.Of(Probabilities.Softmax(scores, sets.Temperature), SetFraction.Of(row, seed), sets.Threshold);
        return prediction with { PossibleLabels = [.. set.Select(c => labels[c])], MaxChoices = sets.MaxChoices };
    }

    /// <summary>Returns the out-of-scope score of each row; null if there is no rule.</summary>
    private double[]? OutOfScope(ScoredRows scores)
    {
        if (decision.Rejection is not { } rule) return null;
        if (rule.Scorer.Width is { } stored && stored != scores.Features?.Width)
        {
            throw new SkTuningException($"The rejection rule of the adapter was made for features of {stored} numbers, the head has "
                + $"{scores.Features?.Width ?? 0}: the adapter's file was changed. Fit the rule again (FitRejection).");
        }
        return rule.Scorer.Of(scores);
    }

    private TextClassifierPrediction Rejected(TextClassifierPrediction answer, double score)
    {
        if (answer.Error is not null) return answer;
        return double.IsFinite(score) ? answer with { OutOfScopeScore = score, IsOutOfScope = score > decision.Rejection!.Threshold } : Failed(NotFinite);
    }
}
