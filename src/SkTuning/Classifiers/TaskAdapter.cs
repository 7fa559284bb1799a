using System.Runtime.CompilerServices;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>The base class of the adapters for all tasks: training, loading, prediction and evaluation.</summary>
/// <typeparam name="TAdapter">The class for the task.</typeparam>
/// <typeparam name="TOptions">Its options.</typeparam>
/// <typeparam name="TRow">Its rows.</typeparam>
/// <typeparam name="TPrediction">Its predictions.</typeparam>
/// <typeparam name="TReport">Its evaluation report.</typeparam>
public abstract class TaskAdapter<TAdapter, TOptions, TRow, TPrediction, TReport> : TunedAdapter<TRow>
    where TAdapter : TaskAdapter<TAdapter, TOptions, TRow, TPrediction, TReport>
    where TOptions : AdapterOptions<TRow>
    where TPrediction : TaskPrediction
    where TReport : IEvaluationReport
{
    private const int MaxStreamedRows = 64;
    private static readonly TimeSpan DefaultLatency = TimeSpan.FromMilliseconds(20);

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
        return PredictEach(texts, text => RowOf(text ?? throw new SkTuningException("The text is null, expected a text.")), cancellationToken);
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
        var wait = latency ?? DefaultLatency;
        if (wait != Timeout.InfiniteTimeSpan) ArgumentOutOfRangeException.ThrowIfLessThan(wait, TimeSpan.Zero, nameof(latency));
        await foreach (var batch in MicroBatches.Of(texts, MaxStreamedRows, wait, cancellationToken).ConfigureAwait(false))
        {
            var predictions = await System.Threading.Tasks.Task.Run(() => Predict(batch, cancellationToken), cancellationToken).ConfigureAwait(false);
            foreach (var prediction in predictions) yield return prediction;
        }
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

    /// <summary>Makes the row of a text.</summary>
    private protected abstract TRow RowOf(string text);

    /// <summary>Encodes a row; throws what its prediction reports as an error.</summary>
    private protected abstract EncodedRow Encode(TRow row);

    /// <summary>Makes the prediction for a text that could not be read.</summary>
    private protected abstract TPrediction Failed(string error);

    /// <summary>True if predictions need the features of rows: they follow the scores of each row, [M, C + D].</summary>
    private protected virtual bool ReadsFeatures => false;

    /// <summary>Makes predictions from scores [M,C], without gradients and in a scope of its own.</summary>
    /// <param name="scores">One row of finite scores for each answer of the rows; null if no row has an answer.</param>
    /// <param name="rows">The rows, with their encoding.</param>
    private protected abstract IEnumerable<TPrediction> Answers(Tensor? scores, IReadOnlyList<(TRow Row, EncodedRow Encoded)> rows);

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
        var predictions = new TPrediction[inputs.Count];
        var (rows, indices) = (new List<(TRow Row, EncodedRow Encoded)>(inputs.Count), new List<int>(inputs.Count));
        for (var i = 0; i < inputs.Count; i++)
        {
            try
            {
                var row = rowOf(inputs[i]);
                rows.Add((row, Encode(row)));
                indices.Add(i);
            }
            catch (SkTuningException e) { predictions[i] = Failed(e.Message); }
        }
        if (rows.Count == 0) return predictions;
        using var scope = NewDisposeScope();
        EncodedRow[] answering = [.. rows.Select(r => r.Encoded).Where(r => r.Answers > 0)];
        var scores = answering.Length == 0 ? null : ReadsFeatures ? Adapter.ScoresWithFeatures(answering, cancellationToken)
            : Adapter.Scores(answering, cancellationToken);
        Fill(predictions, scores, rows, indices);
        return predictions;
    }

    /// <summary>Fills in the predictions of rows; those whose scores are not finite report it.</summary>
    private void Fill(TPrediction[] predictions, Tensor? scores, List<(TRow Row, EncodedRow Encoded)> rows, List<int> indices)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        if (scores is not null && Finite.Answers(scores) is { } finite) scores = KeepFinite(scores, finite, rows, indices, predictions);
        foreach (var (index, answer) in indices.Zip(Answers(scores, rows))) predictions[index] = answer;
    }

    internal sealed override IReadOnlyList<TaskPrediction> Answer(Tensor? scores, IReadOnlyList<PreparedText> texts)
    {
        var predictions = new TPrediction[texts.Count];
        Fill(predictions, scores, [.. texts.Select(t => ((TRow)t.Row, t.Encoded))], [.. Enumerable.Range(0, texts.Count)]);
        return predictions;
    }

    internal sealed override TaskPrediction Unreadable(string error) => Failed(error);

    internal sealed override bool NeedsFeatures => ReadsFeatures;

    internal override PreparedText Prepare(string text, string? text2)
    {
        if (text is null) throw new SkTuningException("The text is null, expected a text.");
        if (text2 is not null) throw new SkTuningException("The adapter reads single texts, but a second text was given: remove it.");
        var row = RowOf(text);
        return new(row!, Encode(row));
    }

    /// <summary>Removes the rows with a score that is not finite, whose predictions report it, and returns the scores of the other rows.</summary>
    private Tensor? KeepFinite(Tensor scores, bool[] finite, List<(TRow Row, EncodedRow Encoded)> rows, List<int> indices, TPrediction[] predictions)
    {
        var (kept, at, left) = (new List<long>(), 0, 0);
        for (var r = 0; r < rows.Count; r++)
        {
            var (row, first) = (rows[r], at);
            at += row.Encoded.Answers;
            if (finite.AsSpan(first, row.Encoded.Answers).Contains(false))
            {
                predictions[indices[r]] = Failed(Adapter.NotFinite);
                continue;
            }
            for (var answer = first; answer < at; answer++) kept.Add(answer);
            (rows[left], indices[left]) = (row, indices[r]);
            left++;
        }
        rows.RemoveRange(left, rows.Count - left);
        indices.RemoveRange(left, indices.Count - left);
        return kept.Count == 0 ? null : scores.index_select(0, tensor(kept));
    }

    /// <summary>Training runs on one thread of its own: dispose scopes and no_grad are per thread.</summary>
    private static Task<TAdapter> OnDedicatedThread(Func<TAdapter> train)
        => System.Threading.Tasks.Task.Factory.StartNew(train, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
