using SkTuning.Batches;
using SkTuning.Decisions;

namespace SkTuning.Answers;

/// <summary>One number for each text, in the unit of the training rows.</summary>
/// <param name="scale">The scale.</param>
/// <param name="readsPairs">Rows are pairs of texts.</param>
internal sealed class RegressionAnswers(NumberScale scale, bool readsPairs) : TextAnswers<TextRegressorPrediction>(readsPairs)
{
    public override TextRegressorPrediction Failed(string error) => new() { Value = double.NaN, Error = error };

    private protected override IEnumerable<TextRegressorPrediction> Answer(ScoredRows? scores, IReadOnlyList<(Row Row, EncodedRow Encoded)> rows)
        => scores is null ? [] : rows.Select((row, r) => scale.Value(scores.Scores[r][0]) is var value && double.IsFinite(value)
            ? new() { Value = value, Deviation = scale.Deviation, WasTruncated = row.Encoded.WasTruncated } : Failed(NotFinite));
}
