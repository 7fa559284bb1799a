namespace SkTuning;

/// <summary>
/// Predicts texts, whatever the task and whatever computes the scores: an adapter on a frozen model, or an exported one. Depend on it to test without a model.
/// Implementations are thread-safe.
/// </summary>
public interface ITextPredictor
{
    /// <summary>Gets the labels, or the name of the one number, in the order of the scores.</summary>
    LabelSet Labels { get; }

    /// <summary>
    /// Predicts many texts, in their order, whatever the task. A text that cannot be read gets a <see cref="TaskPrediction.Error"/> and does not affect the
    /// others.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    IReadOnlyList<TaskPrediction> PredictTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken = default);
}

/// <summary>Predicts texts, with the predictions of one task.</summary>
/// <typeparam name="TPrediction">The predictions, such as <see cref="TextClassifierPrediction"/>.</typeparam>
public interface ITextPredictor<out TPrediction> : ITextPredictor where TPrediction : TaskPrediction
{
    /// <summary>Predicts one text. A text that is too long is truncated, which the prediction reports.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="SkTuningException">The text cannot be read; for example, the adapter reads pairs.</exception>
    TPrediction Predict(string text);

    /// <summary>
    /// Predicts many texts, in their order. A text that cannot be read gets a <see cref="TaskPrediction.Error"/> and does not affect the others.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    IReadOnlyList<TPrediction> Predict(IReadOnlyList<string> texts, CancellationToken cancellationToken = default);

    /// <summary>Predicts a stream of texts, in their order. Texts that arrive within a latency of each other are predicted together.</summary>
    /// <param name="texts">The texts.</param>
    /// <param name="latency">The maximum time that a text waits for others before it is predicted. The default is <see langword="null"/>: 20 ms.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    IAsyncEnumerable<TPrediction> PredictAsync(IAsyncEnumerable<string> texts, TimeSpan? latency = null, CancellationToken cancellationToken = default);
}

/// <summary>Predicts one label for each text.</summary>
public interface ITextClassifier : ITextPredictor<TextClassifierPrediction>
{
    /// <summary>Gets the decision: how scores become confidences and answers.</summary>
    ClassificationDecision Decision { get; }
}
