using SkTuning.Batches;
using SkTuning.Decisions;
using SkTuning.Metrics;
using SkTuning.Prompts;

namespace SkTuning.Answers;

/// <summary>A tag for each word: the most likely one at its first token.</summary>
/// <param name="labels">The tags.</param>
internal sealed class TokenAnswers(LabelSet labels) : TaskAnswers<TokenRow, TokenClassifierPrediction>
{
    /// <summary>The tags mark entities.</summary>
    public bool MarksEntities { get; } = EntityTags.MarksEntities(labels);

    private string Outside => labels.IndexOf("O") >= 0 ? "O" : labels[0];

    public override TokenRow RowOf(string text) => TokenRow.FromText(text);

    public override EncodedRow Encode(TextEncoder encoder, TokenRow row) => encoder.EncodeWords(row.Words, out _);

    public override TokenClassifierPrediction Failed(string error) => new() { Row = null, Tags = [], Confidences = [], Error = error };

    private protected override IEnumerable<TokenClassifierPrediction> Answer(ScoredRows? scores, IReadOnlyList<(TokenRow Row, EncodedRow Encoded)> rows)
    {
        var (predictions, at) = (new List<TokenClassifierPrediction>(rows.Count), 0);
        foreach (var (row, encoded) in rows)
        {
            var (tags, confidences) = (Enumerable.Repeat(Outside, row.Words.Count).ToArray(), new double[row.Words.Count]);
            foreach (var word in encoded.Source!.AnsweredWords!)
            {
                var probabilities = Probabilities.Softmax(scores!.Scores[at++]);
                var best = Probabilities.Best(probabilities);
                (tags[word], confidences[word]) = (labels[best], probabilities[best]);
            }
            predictions.Add(new() { Row = row, Tags = tags, Confidences = confidences, WasTruncated = encoded.WasTruncated, MarksEntities = MarksEntities });
        }
        return predictions;
    }
}
