using SkTuning.Adapters;
using SkTuning.Classifiers;

namespace SkTuning;

/// <summary>The base class of the adapters for texts and pairs of texts.</summary>
/// <inheritdoc cref="TaskAdapter{TAdapter, TOptions, TRow, TPrediction, TReport}"/>
public abstract class TextAdapter<TAdapter, TOptions, TPrediction, TReport> : TaskAdapter<TAdapter, TOptions, Row, TPrediction, TReport>
    where TAdapter : TextAdapter<TAdapter, TOptions, TPrediction, TReport>
    where TOptions : AdapterOptions<Row>
    where TPrediction : TaskPrediction
    where TReport : IEvaluationReport
{
    private protected TextAdapter(AdapterModel adapter, AdapterDefinition? definition, TrainingReport? report) : base(adapter, definition, report) { }

    /// <summary>Predicts a pair of texts, for an adapter that was trained on pairs.</summary>
    /// <param name="text">The first text.</param>
    /// <param name="text2">The second text.</param>
    /// <exception cref="SkTuningException">The pair cannot be read; for example, the adapter reads single texts.</exception>
    public TPrediction PredictPair(string text, string text2)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(text2);
        return Single(PredictPairs([(text, text2)]));
    }

    /// <summary>
    /// Predicts many pairs of texts, in their order. A pair that cannot be read gets a <see cref="TaskPrediction.Error"/> and does not affect the others.
    /// </summary>
    /// <param name="pairs">The pairs; the second text is <see langword="null"/> for an adapter that reads single texts.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public IReadOnlyList<TPrediction> PredictPairs(IReadOnlyList<(string Text, string? Text2)> pairs, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pairs);
        return Predict([.. pairs.Select(p => new Row(p.Text, "") { Text2 = p.Text2 })], cancellationToken);
    }

    internal sealed override PreparedText Prepare(string text, string? text2)
    {
        var row = Answers.RowOf(text) with { Text2 = text2 };
        return new(row, Answers.Encode(Adapter.Encoder, row));
    }
}
