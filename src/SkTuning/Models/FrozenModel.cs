using SkTuning.Models;
using SkTuning.Models.Families;
using SkTuning.Native;
using SkTuning.Tokenizers;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>
/// A transformer language model and its tokenizer, read from a folder or a GGUF file and never changed. Many classifiers can share one model. All members are
/// thread-safe.
/// </summary>
public sealed partial class FrozenModel : IDisposable
{
    private readonly Loaded _loaded;
    private readonly Lazy<BaseFingerprint> _fingerprint;

    private FrozenModel(Loaded loaded, TextTokenizer tokenizer, Device device)
    {
        (_loaded, Tokenizer, Device) = (loaded, tokenizer, device);
        Calls = new(this, loaded.Transformer.Dispose);
        _fingerprint = new(() => new(loaded.Transformer.Config.Family, loaded.Traits, loaded.Weights, tokenizer.Fingerprint));
    }

    /// <summary>The network without a tokenizer, and its description.</summary>
    internal sealed record Loaded(Transformer Transformer, ModelDescription Description, string Weights, IReadOnlyList<(string Name, Tensor Value)> Tensors)
    {
        /// <summary>The canonical name and the name in the checkpoint of every weight.</summary>
        public required IReadOnlyList<(string Canonical, string Stored)> Names { get; init; }

        /// <summary>The hash of the traits.</summary>
        public string Traits => Models.Traits.Hash(Transformer.Config);
    }

    /// <summary>
    /// Reads a model from a folder in Hugging Face's layout (config.json, safetensors or .bin, tokenizer.json), a .gguf file, or a folder with one .gguf file
    /// and no config.json.
    /// </summary>
    /// <param name="path">The folder or the .gguf file.</param>
    /// <param name="options">Options such as device and precision; null for the defaults.</param>
    /// <returns>The model, which the caller disposes.</returns>
    /// <exception cref="SkTuningException">A file is missing, damaged, of another model, or uses an unsupported feature. The message names it.</exception>
    public static FrozenModel Load(string path, FrozenModelOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        options ??= new();
        using var work = ProcessEnd.Work();
        NativeBootstrap.EnsureLoaded();
        var device = Devices.Named(options.Device);
        using var source = ModelSource.Open(path, options);
        var tokenizer = source.Tokenizer();
        var loaded = LoadTransformer(path, source, options, device);
        if (tokenizer.ForRows(loaded.Transformer.Config.Vocabulary) is not { } usable)
        {
            loaded.Transformer.Dispose();
            throw SkTuningException.BadFile(path, "tokenizer", $"{tokenizer.VocabularySize} ids",
                $"at most the {loaded.Transformer.Config.Vocabulary} rows of the word embeddings", "The tokenizer and the weights belong to different models.");
        }
        return new(loaded, usable, device);
    }

    /// <summary>Reads only config and weights.</summary>
    internal static Loaded LoadTransformer(string path, FrozenModelOptions options, Device device, string configName = "config.json")
    {
        NativeBootstrap.EnsureLoaded();
        using var source = ModelSource.Open(path, options, configName);
        return LoadTransformer(path, source, options, device);
    }

    private static Loaded LoadTransformer(string path, ModelSource source, FrozenModelOptions options, Device device)
    {
        var family = ModelFamily.Of(source.Config);
        var config = ConfigCheck.Checked(family.Read(source.Config), source.Config);
        (var precision, var reason) = options.Precision.On(device);
        options = options with { Precision = precision };
        var compute = options.Float64 ? ScalarType.Float64 : precision.Compute();
        var names = family.Weights(config);
        using var memory = new WeightMemory();
        if (device.type == TorchSharp.DeviceType.CPU) source.Checkpoint.Memory = memory;       // on a GPU, tensors leave this memory immediately
        using var random = options.RandomWeights is { } seed
            ? new RandomCheckpoint(source.Checkpoint.Location, source.Checkpoint.Entries, RandomCheckpoint.Deviation(source.Config), config.Norm.AddsOne, seed)
            : null;
        var reader = new WeightReader(random ?? source.Checkpoint, names, compute, device, config.Head.Tied, options.KeepQuantized);
        Transformer transformer;
        try
        {
            transformer = new(reader, config, names, compute);
            reader.RefuseLeftovers();
        }
        catch { reader.DisposeMade(); throw; }
        var description = Description(path, transformer, reader, options, device) with { PrecisionReason = reason };
        return new(transformer, description, reader.Fingerprint(), reader.Taken) { Names = reader.Names };
    }

    /// <summary>Gets the tokenizer.</summary>
    public TextTokenizer Tokenizer { get; }

    /// <summary>Gets the fingerprint, by which an adapter recognizes the base it was trained on. It is computed on first use.</summary>
    public BaseFingerprint Fingerprint => _fingerprint.Value;

    /// <summary>Returns a description of the model: family, sizes, memory and capabilities.</summary>
    public ModelDescription Describe() => _loaded.Description;

    /// <summary>
    /// Gets the number of sequences that the model has read since it was loaded. The difference before and after a call is what the call cost: a method may
    /// read a row once for each label, and a long text in several windows.
    /// </summary>
    public long SequencesRead => Transformer.Sequences;

    /// <summary>Counts the calls that use the weights.</summary>
    internal CallCount Calls { get; }

    internal Transformer Transformer => _loaded.Transformer;

    /// <summary>Every weight that is a tensor, by canonical name. These are never modified.</summary>
    internal IReadOnlyList<(string Name, Tensor Value)> Weights => _loaded.Tensors;

    /// <summary>The folder or file that the model was read from.</summary>
    internal string Path => _loaded.Description.Source;

    /// <summary>The canonical name and the name in the checkpoint of every weight.</summary>
    internal IReadOnlyList<(string Canonical, string Stored)> WeightNames => _loaded.Names;

    internal ModelConfig Config => Transformer.Config;

    internal Device Device { get; }

    private static ModelDescription Description(string path, Transformer transformer, WeightReader reader, FrozenModelOptions options, Device device)
    {
        var (c, a) = (transformer.Config, transformer.Config.Attention);
        return new()
        {
            Source = path,
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
            RandomWeights = options.RandomWeights,
            Precision = options.Precision,
            Device = device.ToString(),
            Memory = reader.Memory,
            MappedMemory = reader.Mapped,
            QuantizedMemory = reader.Quantized,
            Causal = c.Causal,
            TakesPrefix = c.TakesPrefix,
            HasLanguageModelHead = transformer.HasHead,
            HasMaskedLanguageModelHead = transformer.HasMaskedHead,
        };
    }

    /// <summary>
    /// Releases the weights. Calls that other threads are making, such as a training, end as usual, and the last of them releases the weights; later calls
    /// throw an <see cref="ObjectDisposedException"/>, also those of the adapters on this model.
    /// </summary>
    public void Dispose()
    {
        if (Whole is null) Calls.Dispose();
        else if (_users.Remove()) Transformer.Dispose();
    }
}
