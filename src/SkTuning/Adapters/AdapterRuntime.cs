using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Prompts;
using SkTuning.Tasks;
using SkTuning.Tokenizers.Chat;
using SkTuning.Tokenizers.Sources;
using SkTuning.Training.Runs;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Adapters;

/// <summary>A frozen model with one adapter, whatever its task: what the classes that users see stand on. The model is not its own.</summary>
internal sealed class AdapterRuntime : IDisposable
{
    private readonly PromptEncoding _prompt;
    private readonly List<PromptEncoding> _labels = [];
    private string? _runAdapter, _startHash;

    public AdapterRuntime(FrozenModel model, AdapterDefinition definition)
    {
        (Model, Labels) = (model, LabelSet.InOrder(definition.Labels));
        int[] ids = definition.PromptIds.Length > 0 ? definition.PromptIds : [TextEncoder.Filler(model.Tokenizer)];         // methods that read no prompt never look at it
        var shared = SharedWork.Of(model);
        var words = definition.Tuning.WordsRead;
        if (words != PromptWords.AsWritten) ids = PromptAblation.Ids(words, ids, model.Tokenizer, definition.Seed);
        PromptEncoding Read()
        {
            var read = PromptEncoding.Read(model.Transformer, ids, model.Device, definition.Tuning.PromptLayers);
            if (words != PromptWords.Vectors) return read;
            using (read) return read.WithRandomVectors(PromptAblation.Places(ids, model.Tokenizer), PromptAblation.Random(definition.Seed));
        }
        _prompt = shared?.Prompt(ids, definition.Tuning.PromptLayers, Read, words == PromptWords.Vectors ? definition.Seed : null) ?? Read();
        try
        {
            foreach (var text in definition.Tuning.LabelTexts(definition.Labels)) _labels.Add(PromptEncoding.Read(model.Transformer, TextEncoder.PromptIds(model.Tokenizer, model.Config.Causal, text), model.Device));
            var method = definition.PromptIds.Length > 0 || _labels.Count > 0 ? definition.Tuning.Create(model.Config, _prompt, _labels) : definition.Tuning.CreateWithoutPrompt(model.Config, _prompt);
            var head = DefinedHead.Create(definition, model, Labels.Count);
            Tuned = new(model.Transformer, method, head, new ParameterSet(TunedModel.Specs(method, head), definition.Seed, model.Device)) { FeatureKey = FeatureKey(definition) };
            Encoder = new(model.Tokenizer, model.Config.Causal, RowTemplate.Parse(definition.Template), !method.HoldsStart, definition.MaxTokens, model.Config.Embedding.TokenTypes > 1)
            {
                AnswersAtMask = WordHeads.ReadsMask(definition, model),
                LosesMiddle = definition.Truncation == nameof(Truncation.Middle),
                MostWindows = definition.Truncation == nameof(Truncation.Windows) ? definition.MaxWindows!.Value : 1,
                Known = shared?.Rows($"{!method.HoldsStart}:{definition.MaxTokens}:{definition.Truncation}:{definition.MaxWindows}:{WordHeads.ReadsMask(definition, model)}:{definition.Template}"),
            };
        }
        catch
        {
            Release();
            throw;
        }
        Definition = definition with { Parameters = Tuned.Parameters.Count };
    }

    /// <summary>What makes the head's features of states.</summary>
    private static string FeatureKey(AdapterDefinition d)
        => $"{System.Text.Json.JsonSerializer.Serialize(d.Tuning, TuningJson.Default.TuningOptions)}:{d.Head}:{d.Pooling}:{string.Join('\n', d.LabelWords ?? [])}";

    public FrozenModel Model { get; }

    public LabelSet Labels { get; }

    public TunedModel Tuned { get; }

    public TextEncoder Encoder { get; }

    public AdapterDefinition Definition { get; private set; }

    /// <summary>How training went; null for an adapter that was loaded.</summary>
    public TrainingReport? Report { get; private set; }

    /// <summary>Loads an adapter of a task onto the base that it was trained on.</summary>
    public static AdapterRuntime Load(string folder, FrozenModel model, string task)
    {
        var runtime = new AdapterRuntime(model, ReadFor(folder, model, task));
        try { AdapterFolder.ReadTensors(folder, runtime.Tuned.Parameters); }
        catch
        {
            runtime.Dispose();
            throw;
        }
        return runtime;
    }

    /// <summary>The definition of an adapter of a task, checked against the base that it is to be used with.</summary>
    public static AdapterDefinition ReadFor(string folder, FrozenModel model, string task)
    {
        var definition = AdapterFolder.ReadDefinition(folder);
        if (definition.Base.DifferenceFrom(model.Fingerprint) is { } difference)
            throw new SkTuningException($"{folder}: the adapter was trained on another base: this is {difference}. Load it with the model it was trained on.");
        DefinitionCheck.Check(definition, Path.Combine(folder, AdapterFolder.DefinitionFile), model, task);
        return definition;
    }

    /// <summary>Goes on from an adapter: its values are the start, and count as a candidate for the best.</summary>
    public void StartFrom(string folder)
    {
        WarmStart.Fill(folder, Tuned.Parameters);
        _startHash = WarmStart.Hash(folder);
    }

    public void Save(string folder) => AdapterFolder.Save(folder, Definition, Tuned.Parameters);

    /// <summary>Trains what was made, and notes how it went.</summary>
    /// <param name="rows">Rows to train on, rows that choose the epoch, and which of all were held out for that.</param>
    /// <param name="objective">The task.</param>
    /// <param name="options">The loop.</param>
    /// <param name="progress">Told after every step.</param>
    /// <param name="cancel">Stops behind a step; the report says so.</param>
    public void Train(TrainingRows rows, Objective objective, TrainingOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        options = options with { LearningRate = options.LearningRate ?? Definition.Tuning.DefaultLearningRate };
        var metric = objective.Metric(options.Metric);
        if (options.ClassWeights is not null || options.BalanceClasses) objective = objective.Weighted(ClassWeighting.Of(options, Labels, rows.Train.SelectMany(r => r.Classes))!);
        using var folder = options.RunFolder is null ? null : RunFolder.Open(options, RunFiles.Config(Definition, Model, rows, metric, options, _startHash), Model.Device);
        var outcome = new Trainer(Tuned, objective, options, Model.Device, folder, SharedWork.Of(Model)) { GoesOn = _startHash is not null }.Run(rows.Train, rows.Dev, progress, cancel);
        Report = new()
        {
            Epochs = outcome.Epochs,
            Best = outcome.Best,
            Steps = outcome.Steps,
            Seconds = outcome.Seconds,
            TrainRows = rows.Train.Count,
            DevRows = rows.Dev.Count,
            HeldOut = rows.HeldOut,
            CutRows = rows.Train.Count(r => r.WasCut),
            WasCancelled = outcome.WasCancelled,
            Metric = metric,
            Divergence = outcome.Divergence,
            RowsAtOnce = outcome.RowsAtOnce,
            RecomputesActivations = outcome.RecomputesActivations,
            ActivationMemory = outcome.ActivationMemory,
        };
        Definition = Definition with { Metric = metric, DevScore = double.IsNaN(Report.DevScore) ? null : Report.DevScore };
        if (folder is not null) Write(folder, rows, objective);
    }

    /// <summary>What a run folder holds behind the end of a run, and what it tells of one that was stopped.</summary>
    private void Write(RunFolder folder, TrainingRows rows, Objective objective)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var outputs = Outputs(rows.Dev);
        folder.Write(RunFolder.PredictionsFile, file => DevPredictions.Write(file, objective, Labels, rows.Dev, outputs));
        _runAdapter = Path.Combine(folder.Path, RunFolder.AdapterFolder);
        Save(_runAdapter);
        folder.WriteJson(RunFiles.Report(Report!), RunFolder.ReportFile);
    }

    /// <summary>Notes what was found out behind training, such as thresholds.</summary>
    public void Change(Func<AdapterDefinition, AdapterDefinition> change)
    {
        Definition = change(Definition);
        if (_runAdapter is not null) Save(_runAdapter);
    }

    /// <summary>Scores [M,C] on the CPU, in the order of rows and of the answers in them; the caller's scope owns them.</summary>
    public Tensor Outputs(IReadOnlyList<EncodedRow> rows, CancellationToken cancel = default) => BatchedPass.Collect(rows, Model.Device, Tuned.Baked, CPU, cancel);

    public void Dispose()
    {
        Tuned?.Dispose();
        Release();
    }

    private void Release()
    {
        _prompt.Dispose();
        _labels.ForEach(l => l.Dispose());
    }
}

/// <summary>Encoded rows for training.</summary>
/// <param name="Train">To learn from.</param>
/// <param name="Dev">To choose the epoch by.</param>
/// <param name="HeldOut">Which of the rows given were held out for dev; empty when dev rows were given.</param>
internal sealed record TrainingRows(IReadOnlyList<EncodedRow> Train, IReadOnlyList<EncodedRow> Dev, IReadOnlyList<int> HeldOut);
