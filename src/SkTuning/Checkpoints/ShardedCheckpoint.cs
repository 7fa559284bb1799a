using System.Text.Json;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints;

/// <summary>Several weights files with an index (<c>model.safetensors.index.json</c>: weight_map of tensor name -> file name).</summary>
internal sealed class ShardedCheckpoint : Checkpoint
{
    private const long MaxIndexBytes = 256 << 20;

    private readonly Dictionary<string, Checkpoint> _shards = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Checkpoint> _shardOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorEntry> _entries = new(StringComparer.Ordinal);

    public ShardedCheckpoint(string index, Func<string, Checkpoint> open)
    {
        Location = index;
        try
        {
            foreach (var (name, file) in WeightMap(index))
            {
                if (!_shards.TryGetValue(file, out var shard))
                    _shards[file] = shard = open(Path.Combine(Path.GetDirectoryName(index)!, file));
                _entries[name] = shard.Entry(name);
                _shardOf[name] = shard;
            }
        }
        catch { Dispose(); throw; }
    }

    public override string Location { get; }
    public override IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    public override WeightMemory? Memory
    {
        get => base.Memory;
        set
        {
            base.Memory = value;
            foreach (var shard in _shards.Values) shard.Memory = value;
        }
    }

    public override Tensor Read(string name) => _shardOf[Entry(name).Name].Read(name);
    public override byte[] Sample(string name, int samples) => _shardOf[Entry(name).Name].Sample(name, samples);
    public override void ReleasePages(string name) => _shardOf[Entry(name).Name].ReleasePages(name);

    public override void Dispose()
    {
        foreach (var shard in _shards.Values) shard.Dispose();
        base.Dispose();
    }

    private static List<(string Name, string File)> WeightMap(string index)
    {
        var map = new List<(string, string)>();
        try
        {
            var bytes = InputFile.ReadAllBytes(index, MaxIndexBytes);
            using var json = JsonDocument.Parse(bytes.AsMemory(), new JsonDocumentOptions { MaxDepth = 16 });
            if (json.RootElement.ValueKind != JsonValueKind.Object || !json.RootElement.TryGetProperty("weight_map", out var weights)
                || weights.ValueKind != JsonValueKind.Object)
                throw SkTuningException.BadFile(index, "weight_map", "missing", "an object of tensor name -> file name");
            foreach (var item in weights.EnumerateObject())
            {
                var file = item.Value.ValueKind == JsonValueKind.String ? item.Value.GetString()! : "";
                if (file.Length == 0 || file != Path.GetFileName(file) || file is "." or "..")
                    throw SkTuningException.BadFile(index, item.Name, item.Value.GetRawText(), "the plain name of a file in the same folder");
                map.Add((item.Name, file));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SkTuningException.BadFile(index, null, "invalid JSON", "an index of shards", "Download the file again.", e);
        }
        return map;
    }
}
