using System.Runtime.CompilerServices;
using SkTuning.Adapters;
using SkTuning.Answers;
using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Decisions;
using SkTuning.Native;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>The base class of the adapters for all tasks: training, loading, prediction and evaluation.</summary>
/// <typeparam name="TAdapter">The class for the task.</typeparam>
/// <typeparam name="TOptions">Its options.</typeparam>
/// <typeparam name="TRow">Its rows.</typeparam>
/// <typeparam name="TPrediction">Its predictions.</typeparam>
/// <typeparam name="TReport">Its evaluation report.</typeparam>
public abstract class TaskAdapter<TAdapter, TOptions, TRow, TPrediction, TReport> : TunedAdapter<TRow>, ITextPredictor<TPrediction>
    where TAdapter : TaskAdapter<TAdapter, TOptions, TRow, TPrediction, TReport>
    where TOptions : AdapterOptions<TRow>
    where TPrediction : TaskPrediction
    where TReport : IEvaluationReport
{
    private protected TaskAdapter(AdapterModel adapter, AdapterDefinition? definition, TrainingReport? report)
        : base(adapter, definition ?? adapter.Definition, report) { }

    private static TaskKind<TRow> Kind => (TaskKind<TRow>)TaskKinds.Of<TAdapter>();

    /// <summary>Trains an adapter on rows. The model is not changed.</summary>
    /// <param name="model">The frozen base, which must outlive the adapter.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="options">The task's description, and how to train.</param>
    /// <param name="progress">Receives progress after every step, on the training thread.</param>
    /// <param name="cancellationToken">
    /// Cancels after the current step with <see cref="TrainingCanceledException{TAdapter}"/>, whose Result is the adapter with the best parameters so far.
    /// </param>
    /// <exception cref="SkTuningException">An option, a row or a label cannot be used; the message names it.</exception>
    /// <exception cref="TrainingDivergedException{TAdapter}">Training diverged; the Result of the exception has the best parameters before that.</exception>
    public static TAdapter Train(FrozenModel model, IEnumerable<TRow> rows, TOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
        => (TAdapter)(TunedAdapter)Kind.Train(model, null, rows, options, progress, cancellationToken);

    /// <summary>Trains an adapter on rows, and shares work with the other training runs of a session. The result is the same as without a session.</summary>
    /// <inheritdoc cref="Train(FrozenModel, IEnumerable{TRow}, TOptions, IProgress{TrainingProgress}, CancellationToken)"/>
    /// <param name="session">The model, and what its training runs share.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="options">The task's description, and how to train.</param>
    /// <param name="progress">Receives progress after every step, on the training thread.</param>
    /// <param name="cancellationToken">
    /// Cancels after the current step with <see cref="TrainingCanceledException{TAdapter}"/>, whose Result is the adapter with the best parameters so far.
    /// </param>
    public static TAdapter Train(TrainingSession session, IEnumerable<TRow> rows, TOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return (TAdapter)(TunedAdapter)Kind.Train(session.Model, session.Shared, rows, options, progress, cancellationToken);
    }

    /// <summary>Trains an adapter on rows, on a dedicated thread.</summary>
    /// <inheritdoc cref="Train(FrozenModel, IEnumerable{TRow}, TOptions, IProgress{TrainingProgress}, CancellationToken)"/>
    public static Task<TAdapter> TrainAsync(FrozenModel model, IEnumerable<TRow> rows, TOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
        => OnDedicatedThread(() => Train(model, rows, options, progress, cancellationToken));

    /// <summary>Trains an adapter on rows, on a dedicated thread, and shares work with the other training runs of a session.</summary>
    /// <inheritdoc cref="Train(TrainingSession, IEnumerable{TRow}, TOptions, IProgress{TrainingProgress}, CancellationToken)"/>
    public static Task<TAdapter> TrainAsync(TrainingSession session, IEnumerable<TRow> rows, TOptions options, IProgress<TrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
        => OnDedicatedThread(() => Train(session, rows, options, progress, cancellationToken));

    /// <summary>Loads an adapter onto the base that it was trained on.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base, which must outlive the adapter.</param>
    /// <exception cref="SkTuningException">
    /// The base is a different model, the prompt was edited, the adapter is for another task, or a file is damaged; the message says which.
    /// </exception>
    public static new TAdapter Load(string folder, FrozenModel model)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(model);
        using var call = model.Calls.Begin();
        return (TAdapter)Kind.Open(AdapterModel.Load(folder, model, Kind), null, null);
    }

    /// <summary>Loads an adapter onto the base that it was trained on, on a background thread.</summary>
    /// <inheritdoc cref="Load"/>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base, which must outlive the adapter.</param>
    /// <param name="cancellationToken">Cancels before loading starts.</param>
    public static new Task<TAdapter> LoadAsync(string folder, FrozenModel model, CancellationToken cancellationToken = default)
        => System.Threading.Tasks.Task.Run(() => Load(folder, model), cancellationToken);

    /// <summary>
    /// Predicts one text. An empty text has a prediction too, and a text that is too long is truncated
    /// (<see cref="AdapterOptions.Truncation"/>), which the prediction reports.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <exception cref="SkTuningException">The text cannot be read; for example, the adapter reads pairs.</exception>
    public TPrediction Predict(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Single(Predict([text]));
    }

    /// <summary>
    /// Predicts many texts, in their order. A text that cannot be read gets a <see cref="TaskPrediction.Error"/> and does not affect the others.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public IReadOnlyList<TPrediction> Predict(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        return PredictEach(texts, text => Answers.RowOf(text ?? throw new SkTuningException("The text is null, expected a text.")), cancellationToken);
    }

    /// <summary>
    /// Predicts many rows, in their order; their labels are ignored. A row that cannot be read gets a
    /// <see cref="TaskPrediction.Error"/> and does not affect the others.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public IReadOnlyList<TPrediction> Predict(IReadOnlyList<TRow> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return PredictEach(rows, row => row ?? throw new SkTuningException("The row is null, expected a row."), cancellationToken);
    }

    /// <summary>
    /// Predicts a stream of texts, in their order. Texts that arrive within <paramref name="latency"/> of each other are predicted together, on a background
    /// thread, while the stream is read on.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="latency">The maximum time that a text waits for others before it is predicted, or
    /// <see cref="Timeout.InfiniteTimeSpan"/>. The default is <see langword="null"/>: 20 ms.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public async IAsyncEnumerable<TPrediction> PredictAsync(IAsyncEnumerable<string> texts, TimeSpan? latency = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using (BeginCall()) { }
        await foreach (var prediction in TextStream.Predict(texts, latency, Predict, cancellationToken).ConfigureAwait(false)) yield return prediction;
    }

    /// <inheritdoc/>
    public sealed override IReadOnlyList<TaskPrediction> PredictTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
        => Predict(texts, cancellationToken);

    /// <inheritdoc/>
    public sealed override IReadOnlyList<TaskPrediction> PredictRows(IReadOnlyList<TRow> rows, CancellationToken cancellationToken = default)
        => Predict(rows, cancellationToken);

    /// <summary>Measures the adapter on labeled rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="SkTuningException">There are no rows, a row has a label that the adapter does not know, or a row cannot be read.</exception>
    public TReport Evaluate(IEnumerable<TRow> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        using var call = BeginCall();
        var all = rows as IReadOnlyList<TRow> ?? [.. rows];
        if (all.Count == 0) throw new SkTuningException("There are no rows to evaluate.");
        RowCheck.NotNull(all, "the rows to evaluate");
        return Measure(all, cancellationToken);
    }

    /// <summary>Measures the adapter on labeled rows, on a background thread.</summary>
    /// <inheritdoc cref="Evaluate"/>
    public Task<TReport> EvaluateAsync(IEnumerable<TRow> rows, CancellationToken cancellationToken = default)
        => System.Threading.Tasks.Task.Run(() => Evaluate(rows, cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public sealed override IEvaluationReport EvaluateRows(IReadOnlyList<TRow> rows, CancellationToken cancellationToken = default)
        => Evaluate(rows, cancellationToken);

    internal override TrainingCanceledException Canceled(CancellationToken cancellationToken)
        => new TrainingCanceledException<TAdapter>((TAdapter)this, cancellationToken);

    internal override TrainingDivergedException Diverged(TrainingDivergence divergence) => new TrainingDivergedException<TAdapter>((TAdapter)this, divergence);

    /// <summary>What the task makes of scores.</summary>
    private protected abstract TaskAnswers<TRow, TPrediction> Answers { get; }

    /// <summary>Measures one or more labeled rows.</summary>
    private protected abstract TReport Measure(IReadOnlyList<TRow> rows, CancellationToken cancellationToken);

    /// <summary>Returns the only prediction; its error is thrown.</summary>
    private protected static TPrediction Single(IReadOnlyList<TPrediction> predictions)
        => predictions[0].Error is { } error ? throw new SkTuningException(error) : predictions[0];

    /// <summary>Predicts rows that must all be readable.</summary>
    private protected IReadOnlyList<TPrediction> PredictReadable(IReadOnlyList<TRow> rows, CancellationToken cancellationToken)
    {
        var predictions = Predict(rows, cancellationToken);
        var bad = predictions.Count(p => p.Error == Adapter.NotFinite);
        if (bad > 0) throw Finite.Refused(bad, rows.Count, "rows", Adapter.Model.Transformer.ComputesInHalf);
        foreach (var (i, prediction) in predictions.Index())
            if (prediction.Error is { } error) throw new SkTuningException($"Row {i + 1}: {error}");
        return predictions;
    }

    private IReadOnlyList<TPrediction> PredictEach<T>(IReadOnlyList<T> inputs, Func<T, TRow> rowOf, CancellationToken cancellationToken)
    {
        using var call = BeginCall();
        using var sharing = PassThreads.Share();
        return Answers.Predict(inputs, rowOf, Adapter.Encoder, rows =>
        {
            using var scope = NewDisposeScope();
            return Scored(NeedsFeatures ? Adapter.ScoresWithFeatures(rows, cancellationToken) : Adapter.Scores(rows, cancellationToken));
        });
    }

    internal sealed override IReadOnlyList<TaskPrediction> Answer(Tensor? scores, IReadOnlyList<PreparedText> texts)
        => Answers.Of(scores is null ? null : Scored(scores), [.. texts.Select(t => ((TRow)t.Row, t.Encoded))]);

    /// <summary>Divides scores and features on the CPU, [M, C + D].</summary>
    private ScoredRows Scored(Tensor outputs) => RowFeatures.Split(outputs, NeedsFeatures ? Labels.Count : (int)outputs.shape[1], []);

    internal sealed override TaskPrediction Unreadable(string error) => Answers.Failed(error);

    internal sealed override bool NeedsFeatures => Answers.ReadsFeatures;

    internal override PreparedText Prepare(string text, string? text2)
    {
        if (text is null) throw new SkTuningException("The text is null, expected a text.");
        if (text2 is not null) throw new SkTuningException("The adapter reads single texts, but a second text was given: remove it.");
        var row = Answers.RowOf(text);
        return new(row!, Answers.Encode(Adapter.Encoder, row));
    }

    /// <summary>Training runs on one thread of its own: dispose scopes and no_grad are per thread.</summary>
    private static Task<TAdapter> OnDedicatedThread(Func<TAdapter> train)
        => System.Threading.Tasks.Task.Factory.StartNew(train, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
