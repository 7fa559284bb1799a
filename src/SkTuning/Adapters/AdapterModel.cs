using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Methods;
using SkTuning.Native;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Adapters;

/// <summary>A frozen model with one adapter: encodes rows and scores them, whatever the task. It does not own the frozen model.</summary>
internal sealed class AdapterModel : IDisposable
{
    private readonly PromptEncoding _prompt = null!;
    private readonly bool _isPruned;
    private readonly List<PromptEncoding> _labels = [];
    private readonly UserCount _users = new();

    /// <param name="model">The base, or the pruned view of it that the definition names.</param>
    /// <param name="definition">The definition of the adapter.</param>
    /// <param name="shared">Prompts and rows that are shared with other adapters on the base; null if there are none.</param>
    public AdapterModel(FrozenModel model, AdapterDefinition definition, SharedInputs? shared = null)
    {
        if (definition.Pruning is { } pruning) model = model.Pruned(pruning.Kept);
        (Model, Labels, _isPruned) = (model, LabelSet.InOrder(definition.Labels), definition.Pruning is not null);
        try
        {
            _prompt = ReadPrompt(model, definition, shared);
            foreach (var text in definition.Tuning.LabelTexts(definition.Labels))
                _labels.Add(PromptEncoding.Read(model.Transformer, TextEncoder.PromptIds(model.Tokenizer, model.Config.Causal, text), model.Device));
            var method = definition.PromptIds.Length > 0 || _labels.Count > 0
                ? definition.Tuning.CreateMethod(model.Config, _prompt, _labels)
                : definition.Tuning.CreateWithoutPrompt(model.Config, _prompt);
            var head = CreateHead(definition, model);
            var parameters = new ParameterSet(TunedModel.Specs(method, head), definition.Seed, model.Device);
            Tuned = new(model.Transformer, method, head, parameters) { FeatureKey = FeatureKey(definition) };
            Encoder = CreateEncoder(model, definition, startsText: !method.HoldsStart, shared);
            Encoder.RequireRoom(definition.Pairs);
        }
        catch
        {
            Release();
            throw;
        }
        Definition = definition with { Parameters = Tuned.Parameters.TrainedCount };
    }

    /// <summary>The base; if the adapter is pruned, a view of it with fewer feed-forward units, whose weights belong to the adapter.</summary>
    public FrozenModel Model { get; }

    public LabelSet Labels { get; }

    public TunedModel Tuned { get; }

    public TextEncoder Encoder { get; }

    public AdapterDefinition Definition { get; }

    /// <summary>Loads an adapter of a task onto the base that it was trained on.</summary>
    public static AdapterModel Load(string folder, FrozenModel model, TaskKind kind)
    {
        using var stored = StoredAdapter.Open(folder);
        return Load(stored, model, kind);
    }

    /// <summary>Loads an adapter that was opened.</summary>
    public static AdapterModel Load(StoredAdapter stored, FrozenModel model, TaskKind kind)
    {
        var adapter = Create(model, stored.DefinitionFor(model, kind), Path.Combine(stored.Folder, AdapterFolder.DefinitionFile));
        try { stored.Fill(adapter.Tuned.Parameters, adapter.Definition); }
        catch
        {
            adapter.Dispose();
            throw;
        }
        return adapter;
    }

    /// <summary>Creates the adapter of a definition that was read from a file.</summary>
    /// <exception cref="SkTuningFileException">The base cannot do what the definition says.</exception>
    public static AdapterModel Create(FrozenModel model, AdapterDefinition definition, string file)
    {
        try { return new(model, definition); }
        catch (SkTuningException e) when (e is not SkTuningFileException)
        {
            throw SkTuningException.BadFile(file, "tuning", $"a definition of {definition.Tuning.Name} that this base cannot do", "one for this base",
                e.Message, e);
        }
    }

    /// <summary>Returns scores [M,C] on the CPU, in the order of the rows and of the answers in them; the caller's scope owns them.</summary>
    public Tensor Scores(IReadOnlyList<EncodedRow> rows, CancellationToken cancellationToken = default)
        => BatchedPass.Collect(rows, Model.Device, Tuned.Baked, CPU, cancellationToken: cancellationToken, memory: Tuned.PassMemory);

    /// <summary>Returns the same scores of rows whose scores must all be finite.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="what">What the rows are, such as <c>dev rows</c>.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="SkTuningException">The scores of a row are not finite.</exception>
    public Tensor FiniteScores(IReadOnlyList<EncodedRow> rows, string what, CancellationToken cancellationToken = default)
    {
        var scores = Scores(rows, cancellationToken);
        Finite.Require(scores, rows, what, Model.Transformer.ComputesInHalf);
        return scores;
    }

    /// <summary>Returns the scores [M,C], and beside them the features that can be compared, if there are any: [M, C + D] on the CPU.</summary>
    public Tensor ScoresWithFeatures(IReadOnlyList<EncodedRow> rows, CancellationToken cancellationToken = default)
        => BatchedPass.Collect(rows, Model.Device, Tuned.BakedWithFeatures, CPU, cancellationToken: cancellationToken, memory: Tuned.PassMemory);

    /// <summary>
    /// The memory that the tensors occupy, in bytes: trained values and their gradients, prompts, what is injected, and the weights of pruned layers.
    /// </summary>
    public long Bytes
    {
        get
        {
            var bytes = Of(Tuned.Parameters.Values) + Of(Tuned.Parameters.Gradients);
            foreach (var prompt in _labels.Prepend(_prompt)) bytes += prompt.Tensors.Sum(Of);
            return bytes + Tuned.Bake().Bytes + Model.Transformer.SlicedBytes;

            static long Of(Tensor t) => t.NumberOfElements * t.ElementSize;
        }
    }

    /// <summary>The error of a text whose scores are not finite.</summary>
    public string NotFinite => Finite.TextError(Model.Transformer.ComputesInHalf);

    /// <summary>Adds a user, each of whom disposes the adapter; the last one releases it.</summary>
    public AdapterModel Retain()
    {
        _users.Add(this);
        return this;
    }

    public void Dispose()
    {
        if (!_users.Remove()) return;
        Tuned?.Dispose();
        Release();
    }

    private void Release()
    {
        _prompt?.Dispose();
        _labels.ForEach(l => l.Dispose());
        if (_isPruned) Model.Dispose();
    }

    private static PromptEncoding ReadPrompt(FrozenModel model, AdapterDefinition definition, SharedInputs? shared)
    {
        // Methods without a prompt use only its shapes.
        int[] ids = definition.PromptIds.Length > 0 ? definition.PromptIds : [TextEncoder.Filler(model.Tokenizer)];
        var (words, layers) = (definition.Tuning.WordsRead, definition.Tuning.PromptLayers);
        if (words != PromptWords.AsWritten) ids = PromptAblation.Ids(words, ids, model.Tokenizer, definition.Seed);
        return shared?.Prompt(ids, layers, Read, words == PromptWords.Vectors ? definition.Seed : null) ?? Read();

        PromptEncoding Read()
        {
            var read = PromptEncoding.Read(model.Transformer, ids, model.Device, layers);
            if (words != PromptWords.Vectors) return read;
            using (read) return read.WithRandomVectors(PromptAblation.WordPositions(ids, model.Tokenizer), PromptAblation.Random(definition.Seed));
        }
    }

    private static Head CreateHead(AdapterDefinition definition, FrozenModel model)
    {
        if (definition.Tuning.OwnHead(model.Transformer, definition.Labels.Length, definition.Pooling) is { } own)
            return definition.Head is LinearHeadOptions ? own
                : throw new SkTuningException($"The method {definition.Tuning.Name} has its own head, found the head '{definition.Head.Name}': "
                    + "choose the head linear, which the method replaces.");
        var context = definition.HeadContext(model);
        return definition.Head.Refusal(context) is { } reason ? throw new SkTuningException(reason) : definition.Head.Create(context);
    }

    private static TextEncoder CreateEncoder(FrozenModel model, AdapterDefinition d, bool startsText, SharedInputs? shared)
    {
        var readsMask = d.Head.ReadsMask(model.Config);
        return new(model.Tokenizer, model.Config.Causal, d.Template, startsText, d.MaxTokens, model.Config.Embedding.TokenTypes > 1)
        {
            AnswersAtMask = readsMask,
            TruncatesMiddle = d.Truncation == Truncation.Middle,
            MaxWindows = d.Truncation == Truncation.Windows ? d.MaxWindows!.Value : 1,
            Known = shared?.Rows($"{startsText}:{d.MaxTokens}:{d.Truncation}:{d.MaxWindows}:{readsMask}:{d.Template}"),
        };
    }

    /// <summary>Returns what the head's features depend on in addition to the states.</summary>
    private static string FeatureKey(AdapterDefinition d)
    {
        var head = new JsonObject();
        HeadJson.Write(d.Head, head);
        var tuning = JsonSerializer.Serialize(d.Tuning, TuningJson.Default.TuningOptions);
        return $"{tuning}:{head.ToJsonString()}:{d.Pooling}:{string.Join('\n', d.LabelWords ?? [])}";
    }
}
