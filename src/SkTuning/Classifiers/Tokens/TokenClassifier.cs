using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Metrics;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// Predicts a tag for each word, such as named entities or parts of speech. A word's tag is predicted at its first token. Tags such as B-PER and I-PER mark
/// entities, which are returned as spans. Several classifiers may share a model, and several threads may use one classifier.
/// </summary>
public sealed class TokenClassifier : TaskAdapter<TokenClassifier, TokenClassifierOptions, TokenRow, TokenClassifierPrediction, EntityReport>
{
    internal TokenClassifier(AdapterModel adapter, AdapterDefinition? definition = null, TrainingReport? report = null) : base(adapter, definition, report)
        => MarksEntities = EntityTags.MarksEntities(Labels);

    /// <summary>Gets a value that indicates whether the tags mark entities: each is O, or begins with the position in an entity (B-, I-, E-, S-).</summary>
    public bool MarksEntities { get; }

    /// <summary>Predicts the tags of words.</summary>
    /// <param name="words">The words, one or more.</param>
    /// <exception cref="SkTuningException">There are no words.</exception>
    public TokenClassifierPrediction PredictWords(IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        return Single(Predict([new TokenRow(words, [])]));
    }

    private string Outside => Labels.IndexOf("O") >= 0 ? "O" : Labels[0];

    private protected override TokenRow RowOf(string text) => TokenRow.FromText(text);

    private protected override EncodedRow Encode(TokenRow row) => Adapter.Encoder.EncodeWords(row.Words, out _);

    private protected override TokenClassifierPrediction Failed(string error) => new() { Row = null, Tags = [], Confidences = [], Error = error };

    private protected override IEnumerable<TokenClassifierPrediction> Answers(Tensor? scores, IReadOnlyList<(TokenRow Row, EncodedRow Encoded)> rows)
    {
        var (all, at) = (scores?.softmax(-1).data<float>().ToArray() ?? [], 0);
        var predictions = new List<TokenClassifierPrediction>(rows.Count);
        foreach (var (row, encoded) in rows)
        {
            var (tags, confidences) = (Enumerable.Repeat(Outside, row.Words.Count).ToArray(), new double[row.Words.Count]);
            foreach (var word in encoded.Source!.AnsweredWords!)
            {
                var own = all.AsSpan(at++ * Labels.Count, Labels.Count);
                var best = 0;
                for (var c = 1; c < own.Length; c++)
                    if (own[c] > own[best]) best = c;
                (tags[word], confidences[word]) = (Labels[best], own[best]);
            }
            predictions.Add(new() { Row = row, Tags = tags, Confidences = confidences, WasTruncated = encoded.WasTruncated, MarksEntities = MarksEntities });
        }
        return predictions;
    }

    private protected override EntityReport Measure(IReadOnlyList<TokenRow> rows, CancellationToken cancellationToken)
    {
        if (rows.Index().FirstOrDefault(r => r.Item.Tags.Count == 0) is { Item: not null } bare)
            throw new SkTuningException($"Row {bare.Index + 1} has no tags, expected one for each word.");
        return EntityReport.Of(Labels, [.. rows.Select(r => r.Tags.ToArray())], [.. PredictReadable(rows, cancellationToken).Select(p => p.Tags.ToArray())]);
    }
}
