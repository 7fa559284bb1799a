using SkTuning.Data;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Prompts;
using SkTuning.Training;
using SkTuning.Tuning;

namespace SkTuning.Inference;

/// <summary>
/// A text classifier: a frozen model, which it does not own, with an adapter and a head. Train one from rows or load one from a folder. Several may share a model, and
/// several threads may predict with one.
/// </summary>
public sealed partial class TextClassifier : IDisposable
{
    private const int LongestByDefault = 512;

    private readonly FrozenModel _model;
    private readonly PromptEncoding _prompt;
    private readonly TunedModel _tuned;
    private readonly TextEncoder _encoder;
    private AdapterDefinition _definition;

    private TextClassifier(FrozenModel model, AdapterDefinition definition)
    {
        (_model, _definition, Labels) = (model, definition, LabelSet.InOrder(definition.Labels));
        _prompt = PromptEncoding.Read(model.Transformer, definition.PromptIds, model.Device, definition.Tuning.PromptLayers);
        try
        {
            var method = definition.Tuning.Create(model.Config, _prompt);
            var head = new LinearHead(Labels.Count, model.Config.StateSize, Enum.Parse<Pooling>(definition.Pooling));
            _tuned = new(model.Transformer, method, head, new ParameterSet(TunedModel.Specs(method, head), definition.Seed, model.Device));
            _encoder = new(model.Tokenizer, model.Config.Causal, RowTemplate.Parse(definition.Template), !method.HoldsStart, definition.MaxTokens);
        }
        catch
        {
            _prompt.Dispose();
            throw;
        }
        _definition = definition with { Parameters = _tuned.Parameters.Count };
    }

    /// <summary>The labels, in the order of their scores.</summary>
    public LabelSet Labels { get; }

    /// <summary>The task's description.</summary>
    public string Prompt => _definition.Prompt;

    /// <summary>The tuning method's name.</summary>
    public string Method => _definition.Tuning.Name;

    /// <summary>Trained values, head included.</summary>
    public long ParameterCount => _tuned.Parameters.Count;

    /// <summary>How training went; null for a classifier that was loaded.</summary>
    public TrainingReport? Report { get; private set; }

    /// <summary>Loads an adapter onto the base that it was trained on.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base.</param>
    /// <exception cref="SkTuningException">The base is another one, the prompt was edited, or a file is damaged; the message says which.</exception>
    public static TextClassifier Load(string folder, FrozenModel model)
    {
        var definition = AdapterFolder.ReadDefinition(folder);
        var file = Path.Combine(folder, AdapterFolder.DefinitionFile);
        if (definition.Base.DifferenceFrom(model.Fingerprint) is { } difference)
            throw new SkTuningException($"{folder}: the adapter was trained on another base: this is {difference}. Load it with the model it was trained on.");
        Check(definition, file, model);
        var classifier = new TextClassifier(model, definition);
        try { AdapterFolder.ReadTensors(folder, classifier._tuned.Parameters); }
        catch
        {
            classifier.Dispose();
            throw;
        }
        return classifier;
    }

    /// <summary>Writes the adapter; the model is not part of it. An adapter that is there is replaced in one step.</summary>
    /// <param name="folder">A new folder, an empty one, or an adapter to replace.</param>
    public void Save(string folder) => AdapterFolder.Save(folder, _definition, _tuned.Parameters);

    private static void Check(AdapterDefinition d, string file, FrozenModel model)
    {
        if (d.Labels.Length < 2 || d.Labels.Distinct(StringComparer.Ordinal).Count() != d.Labels.Length)
            throw SkTuningException.BadFile(file, "labels", $"[{string.Join(", ", d.Labels)}]", "two or more different labels");
        if (!Enum.TryParse<Pooling>(d.Pooling, out _)) throw SkTuningException.BadFile(file, "pooling", $"\"{d.Pooling}\"", string.Join(", ", Enum.GetNames<Pooling>()));
        if (d.Head != "linear") throw SkTuningException.BadFile(file, "head", $"\"{d.Head}\"", "linear");
        if (d.MaxTokens < 1 || d.MaxTokens > model.Config.Context) throw SkTuningException.BadFile(file, "maxTokens", $"{d.MaxTokens}", $"1 to the model's context of {model.Config.Context}");
        if (!TextEncoder.PromptIds(model.Tokenizer, model.Config.Causal, d.Prompt).SequenceEqual(d.PromptIds))
            throw SkTuningException.BadFile(file, "promptIds", "not the tokens of the prompt", "those that the tokenizer makes of it", "The prompt or the tokenizer was changed.");
    }

    /// <summary>Lets go of the adapter; the model stays.</summary>
    public void Dispose()
    {
        _tuned?.Dispose();
        _prompt.Dispose();
    }
}
