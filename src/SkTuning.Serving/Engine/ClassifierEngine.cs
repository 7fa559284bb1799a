using System.Collections.Concurrent;

namespace SkTuning.Serving;

/// <summary>
/// Serves any number of adapters of all tasks on one frozen model. Texts of different adapters share batches; adapters are loaded, replaced and removed while it
/// serves. All members are thread-safe. It does not own the model.
/// </summary>
public sealed class ClassifierEngine : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, (ServedAdapter Served, TunedAdapter Adapter)> _adapters = new(StringComparer.Ordinal);

    /// <summary>Starts an engine.</summary>
    /// <param name="model">The frozen model, which must outlive the engine.</param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <exception cref="SkTuningException">An option is out of range.</exception>
    public ClassifierEngine(FrozenModel model, ClassifierEngineOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (Model, Options) = (model, options ?? new());
    }

    /// <summary>Gets the frozen model.</summary>
    public FrozenModel Model { get; }

    /// <summary>Gets the options.</summary>
    public ClassifierEngineOptions Options { get; }

    /// <summary>Gets the adapters that are served now, in the order of their names.</summary>
    public IReadOnlyList<ServedAdapter> Adapters => [.. _adapters.Values.Select(a => a.Served).OrderBy(a => a.Name, StringComparer.Ordinal)];

    /// <summary>Gets the number of texts that wait for a worker.</summary>
    public int QueuedTexts { get; }

    /// <summary>Returns the adapter of a name, or <see langword="null"/> if none is loaded.</summary>
    /// <param name="name">The name.</param>
    public ServedAdapter? Find(string name) => _adapters.TryGetValue(name, out var found) ? found.Served : null;

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
        var adapter = await TunedAdapter.LoadAsync(folder, Model, cancellationToken).ConfigureAwait(false);
        return _adapters.AddOrUpdate(name, n => (Served(n, 1, adapter), adapter), (n, old) => (Served(n, old.Served.Version + 1, adapter), adapter)).Served;
    }

    private static ServedAdapter Served(string name, int version, TunedAdapter adapter)
        => new()
        {
            Name = name,
            Version = version,
            Task = adapter.Task,
            Method = adapter.Method,
            Prompt = adapter.Prompt,
            Labels = adapter.Labels,
            ReadsPairs = adapter.ReadsPairs,
            SharesBatches = true,
            Bytes = adapter.ParameterCount * sizeof(float),
        };

    /// <summary>Removes an adapter. Texts that were accepted before are still answered.</summary>
    /// <param name="name">The name.</param>
    /// <returns><see langword="true"/> if it was loaded.</returns>
    public bool Remove(string name) => _adapters.TryRemove(name, out _);

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
        if (!_adapters.TryGetValue(adapter, out var found)) throw new UnknownAdapterException(adapter);
        return await Task.Run(() => found.Adapter.PredictTexts([.. texts.Select(t => t.Text)], cancellationToken), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Refuses further calls, answers the texts that were accepted, and releases the adapters.</summary>
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
