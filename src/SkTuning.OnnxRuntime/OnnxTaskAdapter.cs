using System.Runtime.CompilerServices;
using SkTuning.Answers;
using SkTuning.OnnxRuntime;

namespace SkTuning;

/// <summary>The base class of exported adapters for all tasks.</summary>
/// <typeparam name="TRow">The rows of the task: <see cref="Row"/>, or <see cref="TokenRow"/> for tagged words.</typeparam>
/// <typeparam name="TPrediction">Its predictions.</typeparam>
public abstract class OnnxAdapter<TRow, TPrediction> : OnnxAdapter, ITextPredictor<TPrediction> where TPrediction : TaskPrediction
{
    private readonly TaskAnswers<TRow, TPrediction> _answers;

    private protected OnnxAdapter(LoadedExport export, TaskAnswers<TRow, TPrediction> answers) : base(export)
    {
        _answers = answers;
        export.RequireOutputs(answers.ReadsFeatures);
    }

    /// <inheritdoc/>
    public TPrediction Predict(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Single(Predict([text]));
    }

    /// <inheritdoc/>
    public IReadOnlyList<TPrediction> Predict(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return PredictEach(texts, text => _answers.RowOf(text ?? throw new SkTuningException("The text is null, expected a text.")), cancellationToken);
    }

    /// <summary>
    /// Predicts many rows, in their order; their labels are ignored. A row that cannot be read gets a <see cref="TaskPrediction.Error"/> and does not affect
    /// the others.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public IReadOnlyList<TPrediction> Predict(IReadOnlyList<TRow> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return PredictEach(rows, row => row ?? throw new SkTuningException("The row is null, expected a row."), cancellationToken);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<TPrediction> PredictAsync(IAsyncEnumerable<string> texts, TimeSpan? latency = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using (Export.Begin()) { }
        await foreach (var prediction in TextStream.Predict(texts, latency, Predict, cancellationToken).ConfigureAwait(false)) yield return prediction;
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<TaskPrediction> PredictTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
        => Predict(texts, cancellationToken);

    /// <summary>Returns the only prediction; its error is thrown.</summary>
    private protected static TPrediction Single(IReadOnlyList<TPrediction> predictions)
        => predictions[0].Error is { } error ? throw new SkTuningException(error) : predictions[0];

    private TPrediction[] PredictEach<T>(IReadOnlyList<T> inputs, Func<T, TRow> rowOf, CancellationToken cancellationToken)
    {
        using var call = Export.Begin();
        return _answers.Predict(inputs, rowOf, Export.Encoder, rows => Export.Scores(rows, _answers.ReadsFeatures, cancellationToken));
    }
}
