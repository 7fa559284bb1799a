using System.Text;
using SkTuning.Checkpoints;
using SkTuning.Checkpoints.Pickle;
using SkTuning.Models.Gguf;
using SkTuning.Tokenizers;
using SkTuning.Tokenizers.Sources;

namespace SkTuning.Models;

/// <summary>The three parts of a model under Hugging Face's names: config, weights and tokenizer.</summary>
internal sealed class ModelSource : IDisposable
{
    private readonly string? _folder;
    private readonly IDisposable _owner;

    private ModelSource(ConfigJson config, Checkpoint checkpoint, string? folder, IDisposable owner)
        => (Config, Checkpoint, _folder, _owner) = (config, checkpoint, folder, owner);

    public ConfigJson Config { get; }

    public Checkpoint Checkpoint { get; }

    /// <summary>Creates the tokenizer.</summary>
    public TextTokenizer Tokenizer() => StoredTokenizer?.Invoke() is { } stored ? TextTokenizer.FromGguf(stored) : TextTokenizer.Load(_folder!);

    /// <summary>Returns the tokenizer entries of a GGUF file; null for a folder.</summary>
    public Func<GgufTokenizer>? StoredTokenizer { get; private init; }

    /// <summary>Opens a model.</summary>
    /// <param name="path">A folder in Hugging Face's layout, a .gguf file, or a folder with one .gguf file and no config.json.</param>
    /// <param name="options">Whether to copy weights, and the precision of expanded quantized blocks.</param>
    /// <param name="configName">The file name of the config in a folder.</param>
    public static ModelSource Open(string path, FrozenModelOptions options, string configName = "config.json")
    {
        if (CheckpointFolder.IsGguf(path)) return OpenGguf(path, options);
        if (!Directory.Exists(path))
        {
            var (found, advice) = File.Exists(path) ? ForeignFormats.NameOf(path) : (SkTuningFileException.Nothing, "Check the path.");
            throw SkTuningException.BadFile(path, null, found, "a model folder with config.json, safetensors and tokenizer.json, or a .gguf file", advice);
        }
        var config = ConfigJson.Load(Path.Combine(path, configName));
        var checkpoint = CheckpointFolder.Open(path, options.CopyWeights);
        return new(config, checkpoint, path, checkpoint);
    }

    public void Dispose() => _owner.Dispose();

    private static ModelSource OpenGguf(string path, FrozenModelOptions options)
    {
        var model = GgufModel.Open(path, options.CopyWeights, options.Precision.Compute());
        try
        {
            var file = model.Stored.File.Path;
            return new(ConfigJson.Parse(file, Encoding.UTF8.GetBytes(model.ConfigJson)), model.Checkpoint, null, model)
            {
                StoredTokenizer = () => model.Tokenizer ?? throw SkTuningException.BadFile(file, GgufVocabulary.ModelKey, "missing",
                    "a tokenizer in the file's metadata", "Convert the model again with its tokenizer, or use its safetensors folder."),
            };
        }
        catch { model.Dispose(); throw; }
    }
}
