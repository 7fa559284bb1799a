using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Decisions;

namespace SkTuning.Answers;

/// <summary>Any number of labels for each text: those whose probability reaches their threshold.</summary>
/// <param name="labels">The labels.</param>
/// <param name="decision">The thresholds.</param>
/// <param name="readsPairs">Rows are pairs of texts.</param>
internal sealed class MultiLabelAnswers(LabelSet labels, MultiLabelDecision decision, bool readsPairs) : TextAnswers<MultiLabelClassifierPrediction>(readsPairs)
{
    public override MultiLabelClassifierPrediction Failed(string error) => new() { Labels = [], Scores = new Dictionary<string, double>(), Error = error };

    private protected override IEnumerable<MultiLabelClassifierPrediction> Answer(ScoredRows? scores, IReadOnlyList<(Row Row, EncodedRow Encoded)> rows)
        => scores is null ? [] : rows.Select((row, r) =>
        {
            var probabilities = Probabilities.Sigmoid(scores.Scores[r]);
            return new MultiLabelClassifierPrediction
            {
                Labels = [.. labels.Where((_, c) => probabilities[c] >= decision.Thresholds[c])],
                Scores = new LabelScores(labels, probabilities),
                WasTruncated = row.Encoded.WasTruncated,
            };
        });
}
