using SkTuning.Checkpoints.Pickle;

namespace SkTuning.Checkpoints;

/// <summary>Finds the weights of a model folder. A GGUF file, which has its own config, is not opened here.</summary>
internal static class CheckpointFolder
{
    /// <summary>The known names, in the order of preference of transformers.</summary>
    private static readonly string[] Known = ["model.safetensors", "model.safetensors.index.json", "pytorch_model.bin", "pytorch_model.bin.index.json"];

    private const string Accepted =
        "model.safetensors, model.safetensors.index.json, pytorch_model.bin, pytorch_model.bin.index.json or one other .safetensors file";

    /// <summary>Opens the weights of a folder, or a weights file.</summary>
    /// <param name="path">The folder, or the file itself.</param>
    /// <param name="copy">Whether to copy each tensor to separate memory, so that the file may change while the model is in use.</param>
    public static Checkpoint Open(string path, bool copy = false) => OpenFile(Directory.Exists(path) ? Find(path) : path, copy);

    /// <summary>Returns true if the path is a GGUF file, or a folder with at least one GGUF file and without a config.json.</summary>
    public static bool IsGguf(string path) => Directory.Exists(path)
        ? !File.Exists(Path.Combine(path, "config.json")) && FileAccessErrors.Explain(path, () => Directory.GetFiles(path, "*.gguf")).Length > 0
        : path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase);

    private static Checkpoint OpenFile(string file, bool copy) => Path.GetExtension(file).ToLowerInvariant() switch
    {
        ".safetensors" => new SafetensorsCheckpoint(file, copy),
        ".bin" or ".pt" or ".pth" => new PickleCheckpoint(file, copy),
        ".json" => new ShardedCheckpoint(file, shard => OpenShard(file, shard, copy)),
        ".gguf" => throw SkTuningException.BadFile(file, null, "a GGUF file", Accepted, "Open a GGUF model without a config.json in the same folder."),
        var other => throw SkTuningException.BadFile(
            file, null, other.Length == 0 ? "a name without an extension" : $"a {other} file", ".safetensors, .bin, .pt, .pth or an index (.json)"),
    };

    private static Checkpoint OpenShard(string index, string shard, bool copy)
        => Path.GetExtension(shard).ToLowerInvariant() is ".safetensors" or ".bin" or ".pt" or ".pth" ? OpenFile(shard, copy)
            : throw SkTuningException.BadFile(index, "weight_map", $"a file '{Path.GetFileName(shard)}'", ".safetensors or .bin files");

    private static string Find(string folder)
    {
        if (Known.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists) is { } known) return known;
        var others = FileAccessErrors.Explain(folder, () => Directory.GetFiles(folder, "*.safetensors").Order(StringComparer.Ordinal).ToArray());
        if (others.Length == 1) return others[0];
        var found = others.Length > 1
            ? others.Select(Path.GetFileName).ToArray()
            : FileAccessErrors.Explain(folder, () => Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal).ToArray());
        var listed = found.Length == 0 ? "no files" : string.Join(", ", found.Take(12)) + (found.Length > 12 ? $" and {found.Length - 12} more" : "");
        throw SkTuningException.BadFile(folder, null, listed, Accepted, others.Length > 1 ? "Pass the path of the file itself." : "Check the path.");
    }
}
