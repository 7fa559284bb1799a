namespace SkTuning.Checkpoints;

/// <summary>Finds a model folder's checkpoint.</summary>
internal static class CheckpointFolder
{
    private const string Single = "model.safetensors", Index = "model.safetensors.index.json";

    public static Checkpoint Open(string folder, bool copy)
    {
        if (File.Exists(Path.Combine(folder, Single))) return new SafetensorsCheckpoint(Path.Combine(folder, Single), copy);
        if (File.Exists(Path.Combine(folder, Index))) return new ShardedCheckpoint(Path.Combine(folder, Index), path => new SafetensorsCheckpoint(path, copy));
        throw SkTuningException.BadFile(folder, null, "no checkpoint", $"{Single} or {Index}");
    }
}
