using SkTuning.Checkpoints;
using SkTuning.Models.Families;
using SkTuning.Native;
using SkTuning.Tokenizers;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>A transformer language model and its tokenizer, read from a folder and never changed. Many classifiers may share one. Not for several threads at once.</summary>
public sealed partial class FrozenModel : IDisposable
{
    private readonly Loaded _loaded;

    private FrozenModel(Loaded loaded, TextTokenizer tokenizer, Device device)
    {
        (_loaded, Tokenizer, Device) = (loaded, tokenizer, device);
        Fingerprint = new(loaded.Transformer.Config.Family, loaded.Traits, loaded.Weights, tokenizer.Fingerprint);
    }

    /// <summary>The network without a tokenizer, and what is known of it.</summary>
    internal sealed record Loaded(Transformer Transformer, ModelDescription Description, string Traits, string Weights, IReadOnlyList<(string Name, Tensor Value)> Tensors);

    /// <summary>Reads a model folder in Hugging Face's layout: config.json, safetensors, tokenizer.json.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="options">Device, precision, mapping.</param>
    /// <exception cref="SkTuningException">A file is missing, damaged, of another model, or uses what is not supported; the message names it.</exception>
    public static FrozenModel Load(string folder, FrozenModelOptions? options = null)
    {
        options ??= new();
        NativeBootstrap.EnsureLoaded();
        var device = Devices.Named(options.Device);
        if (!Directory.Exists(folder)) throw SkTuningException.BadFile(folder, null, File.Exists(folder) ? "a file" : "nothing", "a model folder with config.json, safetensors and tokenizer.json", "Check the path.");
        var tokenizer = TextTokenizer.Load(folder);
        var loaded = LoadTransformer(folder, options, device);
        if (tokenizer.VocabularySize > loaded.Transformer.Config.Vocabulary)
        {
            loaded.Transformer.Dispose();
            throw SkTuningException.BadFile(folder, "tokenizer", $"{tokenizer.VocabularySize} ids", $"at most the {loaded.Transformer.Config.Vocabulary} rows of the word embeddings", "Tokenizer and model belong to different models.");
        }
        return new(loaded, tokenizer, device);
    }

    /// <summary>Reads config and weights alone.</summary>
    internal static Loaded LoadTransformer(string folder, FrozenModelOptions options, Device device, string configName = "config.json")
    {
        var json = ConfigJson.Load(Path.Combine(folder, configName));
        var family = ModelFamily.Of(json);
        var config = ConfigCheck.Checked(family.Read(json), json);
        using var checkpoint = CheckpointFolder.Open(folder, options.CopyWeights);
        var compute = options.Precision == Precision.BFloat16 ? ScalarType.BFloat16 : ScalarType.Float32;
        var names = family.Weights(config);
        var reader = new WeightReader(checkpoint, names, compute, device, config.Head.Tied);
        var transformer = new Transformer(reader, config, names, compute);
        try { reader.RefuseLeftovers(); }
        catch { transformer.Dispose(); throw; }
        return new(transformer, Description(folder, transformer, reader, options, device), Traits.Hash(config), reader.Fingerprint(), reader.Taken);
    }

    /// <summary>The tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>What an adapter remembers of the base it was trained on.</summary>
    public BaseFingerprint Fingerprint { get; }

    /// <summary>Family, sizes, memory, and what the model can do.</summary>
    public ModelDescription Describe() => _loaded.Description;

    internal Transformer Transformer => _loaded.Transformer;

    /// <summary>Every weight by its canonical name; they are never written to.</summary>
    internal IReadOnlyList<(string Name, Tensor Value)> Weights => _loaded.Tensors;

    internal ModelConfig Config => Transformer.Config;

    internal Device Device { get; }

    private static ModelDescription Description(string folder, Transformer transformer, WeightReader reader, FrozenModelOptions options, Device device)
    {
        var (c, a) = (transformer.Config, transformer.Config.Attention);
        return new()
        {
            Source = folder,
            Family = c.Family,
            Layers = c.Layers,
            Hidden = c.Hidden,
            Heads = a.Heads,
            KeyValueHeads = a.KeyValueHeads,
            HeadSize = a.HeadSize,
            Vocabulary = c.Vocabulary,
            Context = c.Context,
            Windows = (c.Windows ?? []).Index().Where(w => w.Item is not null).ToDictionary(w => w.Index, w => w.Item!.Value),
            Parameters = reader.Parameters,
            StoredAs = reader.StoredAs,
            Precision = options.Precision,
            Device = device.ToString(),
            Memory = reader.Memory,
            Causal = c.Causal,
            TakesPrefix = c.TakesPrefix,
            HasLanguageModelHead = transformer.HasHead,
            HasMaskedLanguageModelHead = transformer.HasMaskedHead,
        };
    }

    /// <summary>Lets go of the weights.</summary>
    public void Dispose() => Transformer.Dispose();
}
