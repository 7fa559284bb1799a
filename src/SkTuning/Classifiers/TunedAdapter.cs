using SkTuning.Adapters;
using SkTuning.Classifiers;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// A trained adapter and head on a frozen model, for one task. It does not own the model: several adapters may share one. All members are
/// thread-safe.
/// </summary>
public abstract class TunedAdapter : ITextPredictor, IDisposable
{
    private readonly CallCount _calls;

    private protected TunedAdapter(AdapterModel adapter, AdapterDefinition definition, TrainingReport? report)
        => (Adapter, Definition, Report, _calls) = (adapter, definition, report, new(this, adapter.Dispose));

    /// <summary>Gets the task.</summary>
    public TaskKind Task => Definition.Task.Kind;

    /// <summary>Gets the task's description.</summary>
    public string Prompt => Definition.Prompt;

    /// <summary>Gets the name of the tuning method.</summary>
    public string Method => Definition.Tuning.Name;

    /// <summary>Gets the labels, or the name of the one number, in the order of the scores.</summary>
    public LabelSet Labels => Adapter.Labels;

    /// <summary>Gets the number of trained values, head included.</summary>
    public long ParameterCount => Adapter.Tuned.Parameters.TrainedCount;

    /// <summary>Gets a description of the pruned model of the adapter; <see langword="null"/> if it uses the whole model.</summary>
    public ModelPruning? Pruning => Definition.Pruning is not { } pruning ? null : new()
    {
        By = pruning.By,
        Units = (long)pruning.Units * pruning.Kept.Count,
        KeptUnits = pruning.Kept.Sum(k => (long)k.Length),
        Memory = Adapter.Model.Transformer.SlicedBytes,
    };

    /// <summary>Gets a value that indicates whether the adapter reads pairs of texts.</summary>
    public bool ReadsPairs => Definition.Pairs;

    /// <summary>Gets the report of the training; <see langword="null"/> for an adapter that was loaded.</summary>
    public TrainingReport? Report { get; }

    internal AdapterModel Adapter { get; }

    /// <summary>Begins a call that uses the tensors of the adapter and of the model.</summary>
    /// <exception cref="ObjectDisposedException">The adapter or the model was disposed.</exception>
    internal CallCount.Call BeginCall() => _calls.Begin(Adapter.Model.Calls);

    /// <summary>Begins a call that uses only the tensors of the adapter.</summary>
    /// <exception cref="ObjectDisposedException">The adapter was disposed.</exception>
    private protected CallCount.Call BeginOwnCall() => _calls.Begin();

    internal AdapterDefinition Definition { get; }

    /// <summary>
    /// Predicts many texts, in their order, whatever the task. A text that cannot be read gets a
    /// <see cref="TaskPrediction.Error"/> and does not affect the others.
    /// </summary>
    /// <param name="texts">The texts.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public abstract IReadOnlyList<TaskPrediction> PredictTexts(IReadOnlyList<string> texts, CancellationToken cancellationToken = default);

    /// <summary>Writes the adapter to a folder; the model is not part of it. An adapter that exists is replaced in one step,
    /// also while others load it or save to the same folder; other files in its folder are kept.</summary>
    /// <param name="folder">A new folder, an empty one, or an adapter to replace.</param>
    /// <exception cref="SkTuningException">The folder holds other files and no adapter, or cannot be written.</exception>
    public void Save(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using var call = BeginOwnCall();
        AdapterFolder.Save(folder, Definition, Adapter.Tuned.Parameters);
    }

    /// <summary>
    /// Releases the adapter. The model is not disposed. Calls that other threads are making end as usual, and the last of them releases the adapter; later
    /// calls throw an <see cref="ObjectDisposedException"/>.
    /// </summary>
    public void Dispose()
    {
        _calls.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Loads an adapter of any task onto the base that it was trained on.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base, which must outlive the adapter.</param>
    /// <returns>An instance of the class for its task, such as <see cref="TextClassifier"/>.</returns>
    /// <exception cref="SkTuningException">The base is a different model, the prompt was edited, or a file is damaged; the message says which.</exception>
    public static TunedAdapter Load(string folder, FrozenModel model)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(model);
        using var call = model.Calls.Begin();
        using var stored = StoredAdapter.Open(folder);
        var kind = TaskOf(stored);
        return ((IAdapterFactory)kind).Open(AdapterModel.Load(stored, model, kind));
    }

    /// <summary>Loads an adapter of any task on a background thread.</summary>
    /// <inheritdoc cref="Load"/>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base, which must outlive the adapter.</param>
    /// <param name="cancellationToken">Cancels before loading starts.</param>
    public static Task<TunedAdapter> LoadAsync(string folder, FrozenModel model, CancellationToken cancellationToken = default)
        => System.Threading.Tasks.Task.Run(() => Load(folder, model), cancellationToken);

    /// <summary>Returns the task of the adapter in a folder.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <exception cref="SkTuningException">There is no adapter, it is damaged, or its task is unknown to this version.</exception>
    public static TaskKind TaskOf(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        using var stored = StoredAdapter.Open(folder);
        return TaskOf(stored);
    }

    private static TaskKind TaskOf(StoredAdapter stored)
    {
        var name = stored.File.TaskName;
        return TaskKinds.All.FirstOrDefault(k => k.Name == name)
            ?? throw SkTuningException.BadFile(Path.Combine(stored.Folder, AdapterFolder.DefinitionFile), "task", $"\"{name}\"",
                $"one of {string.Join(", ", TaskKinds.All.Select(k => k.Name))}");
    }

    /// <summary>Encodes a text or a pair of texts.</summary>
    /// <exception cref="SkTuningException">It cannot be read.</exception>
    internal abstract PreparedText Prepare(string text, string? text2);

    /// <summary>Returns the predictions of texts.</summary>
    /// <param name="scores">One row of scores for each answer of the texts, [M,C]; or [M, C + D] with their features. Null if no text has an answer.</param>
    /// <param name="texts">The texts.</param>
    internal abstract IReadOnlyList<TaskPrediction> Answer(Tensor? scores, IReadOnlyList<PreparedText> texts);

    /// <summary>Returns the prediction for a text that could not be read.</summary>
    internal abstract TaskPrediction Unreadable(string error);

    /// <summary>True if predictions need the features of texts beside their scores.</summary>
    internal abstract bool NeedsFeatures { get; }

    /// <summary>The exception for a training that was canceled, with this adapter as its result.</summary>
    internal abstract TrainingCanceledException Canceled(CancellationToken cancellationToken);

    /// <summary>The exception for a training that diverged, with this adapter as its result.</summary>
    internal abstract TrainingDivergedException Diverged(TrainingDivergence divergence);
}

/// <summary>An adapter for rows of a type.</summary>
/// <typeparam name="TRow">The type of the rows: <see cref="Row"/>, or <see cref="TokenRow"/> for tagged words.</typeparam>
public abstract class TunedAdapter<TRow> : TunedAdapter
{
    private protected TunedAdapter(AdapterModel adapter, AdapterDefinition definition, TrainingReport? report) : base(adapter, definition, report) { }

    /// <summary>
    /// Predicts many rows, in their order; their labels are ignored. A row that cannot be read gets a
    /// <see cref="TaskPrediction.Error"/> and does not affect the others.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public abstract IReadOnlyList<TaskPrediction> PredictRows(IReadOnlyList<TRow> rows, CancellationToken cancellationToken = default);

    /// <summary>Measures the adapter on labeled rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="SkTuningException">There are no rows, a row has a label that the adapter does not know, or a row cannot be read.</exception>
    public abstract IEvaluationReport EvaluateRows(IReadOnlyList<TRow> rows, CancellationToken cancellationToken = default);
}
