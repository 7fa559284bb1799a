using SkTuning.Adapters;
using SkTuning.Answers;
using SkTuning.Metrics;

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

    private protected override TaskAnswers<TokenRow, TokenClassifierPrediction> Answers => new TokenAnswers(Labels) { NotFinite = Adapter.NotFinite };

    private protected override EntityReport Measure(IReadOnlyList<TokenRow> rows, CancellationToken cancellationToken)
        => RowEvaluation.Tokens(Labels, rows, all => PredictReadable(all, cancellationToken));
}
