using System.Diagnostics;
using SkTuning.Adapters;
using SkTuning.Classifiers;
using SkTuning.Serving.Telemetry;

namespace SkTuning.Serving;

/// <summary>
/// Serves any number of adapters of all tasks on one frozen model. Texts of different adapters share batches; adapters are loaded, replaced and removed while
/// it serves. All members are thread-safe. It does not own the model.
/// </summary>
public sealed class ClassifierEngine : IAsyncDisposable
{
    private const string Sample = "a text";

    private readonly TextQueue _queue;
    private readonly AdapterStore _store;
    private readonly EngineWorker[] _workers;
    private readonly EngineTelemetry _telemetry;
    private readonly Lazy<Task> _end;
    private int _isClosed;

    /// <summary>Starts an engine.</summary>
    /// <param name="model">The frozen model, which must outlive the engine.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="SkTuningException">An option is out of range.</exception>
    public ClassifierEngine(FrozenModel model, ClassifierEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (Model, Options, _end) = (model, options ?? new(), new(EndAsync));
        Options.Validate();
        var isCpu = model.Device.type == TorchSharp.DeviceType.CPU;
        (_queue, _store) = (new(Options, Options.MixesSlots ?? !isCpu), new(Options));
        _telemetry = new(() => _queue.Count, () => _store.Count);
        var cores = Environment.ProcessorCount;
        var workers = Options.Workers ?? (isCpu ? cores : 1);
        _workers = [.. Enumerable.Range(0, workers).Select(_ => new EngineWorker(_queue, _store, _telemetry, Math.Max(1, cores / workers)))];
    }

    /// <summary>Gets the frozen model.</summary>
    public FrozenModel Model { get; }

    /// <summary>Gets the options.</summary>
    public ClassifierEngineOptions Options { get; }

    /// <summary>Gets the adapters that are served now, in the order of their names.</summary>
    public IReadOnlyList<ServedAdapter> Adapters => _store.Served;

    /// <summary>Gets the number of texts that wait for a worker.</summary>
    public int QueuedTexts => _queue.Count;

    /// <summary>Gets the memory that the tensors of adapters occupy now, in bytes (<see cref="ClassifierEngineOptions.MaxAdapterBytes"/>).</summary>
    public long AdapterBytes => _store.Bytes;

    /// <summary>Gets the number of batches with several adapters so far.</summary>
    internal long SharedBatches => _workers.Sum(w => w.Together);

    /// <summary>Returns the adapter of a name, or <see langword="null"/> if none is loaded.</summary>
    /// <param name="name">The name.</param>
    public ServedAdapter? Find(string name) => _store.Find(name);

    /// <summary>
    /// Loads an adapter from a folder, or replaces the one with the same name. Texts that were accepted before are answered by the version that was there then.
    /// </summary>
    /// <param name="name">The name by which calls choose it.</param>
    /// <param name="folder">The adapter's folder, which may be changed or deleted afterwards.</param>
    /// <param name="cancellationToken">Cancels before loading starts.</param>
    /// <exception cref="SkTuningException">The adapter is damaged or was trained on a different base; the one of that name stays as it was.</exception>
    public async Task<ServedAdapter> LoadAsync(string name, string folder, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(folder);
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isClosed) != 0, this);
        return await Task.Run(() => Load(name, folder), cancellationToken).ConfigureAwait(false);
    }

    private ServedAdapter Load(string name, string folder)
    {
        var adapter = TunedAdapter.Load(folder, Model);
        try
        {
            SharingKey? key;
            using (adapter.BeginCall()) key = SharedPass.KeyOf(adapter.Adapter, adapter.Prepare(Sample, adapter.ReadsPairs ? Sample : null).Encoded);
            var room = Options.MaxQueuedTextsPerAdapter;
            return _store.Put(name, (version, files) => new(Model, adapter, Described(name, version, adapter, key), key, files, room));
        }
        catch
        {
            adapter.Dispose();
            throw;
        }
    }

    private static ServedAdapter Described(string name, int version, TunedAdapter adapter, SharingKey? key)
        => new()
        {
            Name = name,
            Version = version,
            Task = adapter.Task,
            Method = adapter.Method,
            Prompt = adapter.Prompt,
            Labels = adapter.Labels,
            ReadsPairs = adapter.ReadsPairs,
            SharesBatches = key is not null,
            Bytes = adapter.Adapter.Bytes,
        };

    /// <summary>Removes an adapter. Texts that were accepted before are still answered.</summary>
    /// <param name="name">The name.</param>
    /// <returns><see langword="true"/> if it was loaded.</returns>
    public bool Remove(string name) => _store.Remove(name);

    /// <summary>Predicts a text.</summary>
    /// <param name="adapter">The name of the adapter.</param>
    /// <param name="text">The text.</param>
    /// <param name="cancellationToken">Cancels the wait; a text that no worker has taken leaves the queue.</param>
    /// <returns>The prediction of the task, such as <see cref="TextClassifierPrediction"/>; the same as that of the adapter's own Predict.</returns>
    /// <exception cref="UnknownAdapterException">No adapter of that name is loaded.</exception>
    /// <exception cref="EngineFullException">The queue is full (<see cref="ClassifierEngineOptions.RejectsWhenFull"/>).</exception>
    /// <exception cref="SkTuningException">The text cannot be read; for example, the adapter reads pairs.</exception>
    /// <exception cref="ObjectDisposedException">The engine was disposed.</exception>
    public async Task<TaskPrediction> ClassifyAsync(string adapter, string text, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var all = await ClassifyAsync(adapter, [(text, null)], cancellationToken).ConfigureAwait(false);
        return all[0].Error is { } error ? throw new SkTuningException(error) : all[0];
    }

    /// <summary>
    /// Predicts many texts or pairs of texts, in their order. One that cannot be read gets a <see cref="TaskPrediction.Error"/> and does not affect the others.
    /// </summary>
    /// <param name="adapter">The name of the adapter.</param>
    /// <param name="texts">The texts; the second is <see langword="null"/> for an adapter that reads single texts.</param>
    /// <param name="cancellationToken">Cancels the wait; texts that no worker has taken leave the queue.</param>
    /// <inheritdoc cref="ClassifyAsync(string, string, CancellationToken)"/>
    public async Task<IReadOnlyList<TaskPrediction>> ClassifyAsync(string adapter, IReadOnlyList<(string Text, string? Text2)> texts,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(adapter);
        cancellationToken.ThrowIfCancellationRequested();
        using var activity = EngineTelemetry.StartCall(adapter, texts.Count);
        var start = Stopwatch.GetTimestamp();
        string? known = null;
        try
        {
            var held = _store.Pin(adapter);
            known = held.Served.Name;
            var predictions = await ClassifyAsync(held, texts, activity, cancellationToken).ConfigureAwait(false);
            _telemetry.TextsAnswered(known, texts.Count, Stopwatch.GetElapsedTime(start));
            return predictions;
        }
        catch (Exception e)
        {
            _telemetry.TextsRefused(known, texts.Count, e);
            EngineTelemetry.Failed(activity, e);
            throw;
        }
    }

    /// <summary>Predicts texts by a pinned adapter, and unpins it.</summary>
    private async Task<IReadOnlyList<TaskPrediction>> ClassifyAsync(HeldAdapter held, IReadOnlyList<(string Text, string? Text2)> texts, Activity? activity,
        CancellationToken cancellationToken)
    {
        var (predictions, waiting) = (new TaskPrediction[texts.Count], new List<(int Index, PendingText Text)>(texts.Count));
        var places = 0;
        try
        {
            var tuned = await _store.ResidentAsync(held, cancellationToken).ConfigureAwait(false);
            if (Options.RejectsWhenFull)
            {
                _queue.Enter(held, texts.Count);
                places = texts.Count;
            }
            for (var i = 0; i < texts.Count; i++)
            {
                if (Prepared(tuned, texts[i], out predictions[i]) is not { } text) continue;
                if (places == 0) await _queue.EnterAsync(held, cancellationToken).ConfigureAwait(false);
                else places--;
                waiting.Add((i, Accept(new(held, tuned, text, activity))));
            }
            // Texts that have a prediction already need no place.
            _queue.Leave(held, places);
            places = 0;
            using var cancel = cancellationToken.UnsafeRegister(_ => Withdraw(waiting, cancellationToken), null);
            foreach (var (index, text) in waiting) predictions[index] = await text.Task.ConfigureAwait(false);
            return predictions;
        }
        catch
        {
            _queue.Leave(held, places);
            Withdraw(waiting, cancellationToken);
            throw;
        }
        finally
        {
            _store.Unpin(held);
            if (_store.MayExceed) _ = Task.Run(_store.Trim, CancellationToken.None);
        }
    }

    /// <summary>Returns the text as the adapter reads it; null if it has a prediction already.</summary>
    private static PreparedText? Prepared(TunedAdapter adapter, (string Text, string? Text2) text, out TaskPrediction prediction)
    {
        prediction = null!;
        try
        {
            var prepared = adapter.Prepare(text.Text, text.Text2);
            if (prepared.Encoded.Answers > 0) return prepared;
            prediction = adapter.Answer(null, [prepared])[0];
        }
        catch (SkTuningException e) { prediction = adapter.Unreadable(e.Message); }
        return null;
    }

    private PendingText Accept(PendingText text)
    {
        _store.Pin(text.Held);
        try { _queue.Add(text); }
        catch
        {
            _store.Unpin(text.Held);
            throw;
        }
        return text;
    }

    /// <summary>Takes texts out of the queue, unless a worker has them.</summary>
    private void Withdraw(List<(int Index, PendingText Text)> waiting, CancellationToken cancellationToken)
    {
        foreach (var (_, text) in waiting)
        {
            if (_queue.Remove(text) && text.TryEnd()) _store.Unpin(text.Held);
            text.TrySetCanceled(cancellationToken);
        }
    }

    /// <summary>Refuses further calls, answers the texts that were accepted, and releases the adapters.</summary>
    public ValueTask DisposeAsync()
    {
        Interlocked.Exchange(ref _isClosed, 1);
        return new(_end.Value);
    }

    private async Task EndAsync()
    {
        _queue.Close();
        await Task.Run(() => Array.ForEach(_workers, w => w.Join())).ConfigureAwait(false);
        _store.Dispose();
        _queue.Dispose();
        _telemetry.Dispose();
    }
}
