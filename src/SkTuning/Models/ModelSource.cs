using System.Text;
using SkTuning.Checkpoints.Gguf;
using SkTuning.Checkpoints.Pickle;
using SkTuning.Checkpoints;
using SkTuning.Tokenizers;
using static TorchSharp.torch;
using Metadata = SkTuning.Tokenizers.Sources.GgufTokenizer;

namespace SkTuning.Models;

/// <summary>Where a model comes from, as its three parts under Hugging Face's names: config, weights, tokenizer.</summary>
internal sealed class ModelSource : IDisposable
{
    private readonly string? _folder;
    private readonly IDisposable _owner;

    private ModelSource(ConfigJson config, Checkpoint checkpoint, string? folder, IDisposable owner) => (Config, Checkpoint, _folder, _owner) = (config, checkpoint, folder, owner);

    public ConfigJson Config { get; }

    public Checkpoint Checkpoint { get; }

    /// <summary>The tokenizer, made when it is asked for.</summary>
    public TextTokenizer Tokenizer() => StoredTokenizer?.Invoke() is { } stored ? TextTokenizer.FromGguf(stored) : TextTokenizer.Load(_folder!);

    /// <summary>What a GGUF says of its tokenizer, read when it is asked for; null for a folder.</summary>
    public Func<Metadata>? StoredTokenizer { get; private init; }

    /// <param name="path">A folder in Hugging Face's layout, a .gguf file, or a folder with one .gguf and no config.json.</param>
    /// <param name="options">Whether to copy weights; what quantised blocks become.</param>
    /// <param name="configName">The config's name in a folder.</param>
    public static ModelSource Open(string path, FrozenModelOptions options, string configName = "config.json")
    {
        if (CheckpointFolder.IsGguf(path)) return OpenGguf(path, options);
        if (!Directory.Exists(path))
        {
            var (found, advice) = File.Exists(path) ? ForeignFormats.NameOf(path) : ("nothing", "Check the path.");
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
            var file = model.Stored.File;
            return new(ConfigJson.Parse(file.Path, Encoding.UTF8.GetBytes(model.ConfigJson)), model.Checkpoint, null, model) { StoredTokenizer = () => Tokenizer(file, model.Tokenizer) };
        }
        catch { model.Dispose(); throw; }
    }

    private static Metadata Tokenizer(GgufFile file, GgufTokenizer? stored)
    {
        if (stored is null)
            throw SkTuningException.BadFile(file.Path, "tokenizer.ggml.model", "not there", "a tokenizer in the file's metadata", "Convert the model again with its tokenizer, or use its safetensors folder.");
        return new()
        {
            File = file.Path,
            Model = stored.Model,
            Pre = stored.Pre,
            Tokens = stored.Tokens,
            Scores = stored.Scores,
            // A type out of range stays one: it is refused by name where the tokenizer is built.
            TokenTypes = stored.TokenTypes is { } types ? Array.ConvertAll(types, t => t is >= 0 and <= int.MaxValue ? (int)t : -1) : null,
            Merges = stored.Merges,
            BosId = stored.Bos,
            EosId = stored.Eos,
            UnknownId = stored.Unknown,
            SeparatorId = stored.Separator,
            PaddingId = stored.Pad,
            ClsId = stored.Cls,
            MaskId = stored.Mask,
            AddBos = stored.AddBos,
            AddEos = stored.AddEos,
            AddSpacePrefix = stored.AddSpacePrefix,
            ChatTemplate = file.Metadata.StringOrNull("tokenizer.chat_template"),
        };
    }
}
