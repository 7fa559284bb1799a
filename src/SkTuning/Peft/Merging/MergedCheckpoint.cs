using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Checkpoints;
using SkTuning.Models;
using SkTuning.Models.Gguf;
using static TorchSharp.torch;

namespace SkTuning.Peft.Merging;

/// <summary>Writes the weights of a merged model: the tensors of the checkpoint under their own names, with the adapter's changes, one after another.</summary>
internal sealed class MergedCheckpoint
{
    /// <summary>The size at which transformers splits files.</summary>
    private const long LargestFile = 5L << 30;
    private const string Single = "model.safetensors";

    private readonly Checkpoint _source;
    private readonly WeightChanges _changes;
    private readonly MergedDtype _dtype;
    private readonly List<TensorToWrite> _tensors = [];

    /// <param name="source">The frozen model's checkpoint.</param>
    /// <param name="prefix">The prefix of the base model's names in it.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="dtype">How changed weights are stored.</param>
    /// <param name="rename">Returns the name of a tensor in the new file; null if names do not change.</param>
    public MergedCheckpoint(Checkpoint source, string prefix, WeightChanges changes, MergedDtype dtype, Func<string, string>? rename = null)
    {
        (_source, _changes, _dtype) = (source, changes, dtype);
        var names = source.Entries.Keys.Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).ToDictionary(n => n, n => Current(n[prefix.Length..]));
        changes.Check(names.Values.ToHashSet(StringComparer.Ordinal));
        foreach (var entry in source.Entries.Values)
        {
            var name = names.GetValueOrDefault(entry.Name, "");
            var type = TypeOf(entry, changes.Touches(name));
            Widens |= changes.Touches(name) && type == ScalarType.Float32 && entry.StoredAs != "F32";
            _tensors.Add(new(rename?.Invoke(entry.Name) ?? entry.Name, type, entry.Shape, () => Value(entry.Name, name, type),
                () => source.ReleasePages(entry.Name)));
        }
    }

    /// <summary>Returns the prefix of the base model's names in the checkpoint that a model was read from.</summary>
    public static string Prefix(Transformer transformer, IReadOnlyList<(string Canonical, string Stored)> names)
    {
        var module = transformer.Linears.Sites.First(s => s.Module is not null).Module!;
        var stored = names.First(n => n.Canonical == module && n.Stored.EndsWith(module + ".weight", StringComparison.Ordinal)).Stored;
        return stored[..^(module.Length + ".weight".Length)];
    }

    /// <summary>True if a changed weight is stored in a wider type than before.</summary>
    public bool Widens { get; }

    /// <summary>Adds a tensor, which replaces one with the same name.</summary>
    public void Add(string name, Tensor value)
    {
        _tensors.RemoveAll(t => t.Name == name);
        _tensors.Add(new(name, value.dtype, value.shape, () => value.detach().cpu()));
    }

    public void Write(string folder, IProgress<MergeProgress>? progress, CancellationToken cancellationToken)
    {
        var files = Files();
        long done = 0, total = _tensors.Sum(t => t.Bytes);
        foreach (var (file, tensors) in files)
            SafetensorsWriter.Write(Path.Combine(folder, file), [.. tensors.Select(t => t with { Value = () => Next(t) })],
                new Dictionary<string, string> { ["format"] = "pt" });
        if (files.Count > 1) FileAccessErrors.Explain(folder, () => File.WriteAllText(Path.Combine(folder, Single + ".index.json"), Index(files, total)));

        Tensor Next(TensorToWrite tensor)
        {
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report(new(tensor.Name, done, total));
            done += tensor.Bytes;
            return tensor.Value();
        }
    }

    private Tensor Value(string stored, string name, ScalarType type)
    {
        using var read = _source.Read(stored);
        if (!_changes.Touches(name)) return read.alias();
        var changed = _changes.Apply(name, read);
        using var written = changed.to_type(type);
        if (Finite.Found(written) is not { } found) return changed;
        changed.Dispose();
        throw new SkTuningException($"The merged weight '{name}' would be {found} in {type}, expected finite numbers: "
            + $"{(type == ScalarType.Float16 ? $"use {nameof(MergedDtype)}.{nameof(MergedDtype.Exact)}" : "the adapter changes the model too much")}.");
    }

    /// <summary>
    /// Returns the current name of a tensor: in checkpoints that came from TensorFlow, the weight and bias of a norm are called gamma and beta.
    /// </summary>
    private static string Current(string name)
        => name.Replace("LayerNorm.gamma", "LayerNorm.weight", StringComparison.Ordinal).Replace("LayerNorm.beta", "LayerNorm.bias", StringComparison.Ordinal);

    private ScalarType TypeOf(TensorEntry entry, bool changes) => entry.StoredAs switch
    {
        // A norm of a GGUF file may be read in another type than it is stored in.
        "F16" or "BF16" when entry.Shape.Length < 2 && _source is GgufModelCheckpoint => ScalarType.Float32,
        "F16" => changes && _dtype == MergedDtype.Exact ? ScalarType.Float32 : ScalarType.Float16,
        "BF16" => changes && _dtype == MergedDtype.Exact ? ScalarType.Float32 : ScalarType.BFloat16,
        "F32" => ScalarType.Float32,
        "F64" => changes ? ScalarType.Float32 : ScalarType.Float64,
        "I64" => ScalarType.Int64,
        "I32" => ScalarType.Int32,
        "I16" => ScalarType.Int16,
        "I8" => ScalarType.Int8,
        "U8" => ScalarType.Byte,
        "BOOL" => ScalarType.Bool,
        // Quantized blocks, whose values fp16 cannot represent exactly.
        _ => _dtype == MergedDtype.Exact ? ScalarType.Float32 : ScalarType.Float16,
    };

    private List<(string Name, IReadOnlyList<TensorToWrite> Tensors)> Files()
    {
        var groups = new List<List<TensorToWrite>> { new() };
        long size = 0;
        foreach (var tensor in _tensors)
        {
            if (groups[^1].Count > 0 && size + tensor.Bytes > LargestFile)
            {
                groups.Add([]);
                size = 0;
            }
            groups[^1].Add(tensor);
            size += tensor.Bytes;
        }
        return groups.Count == 1 ? [(Single, groups[0])]
            : [.. groups.Select((g, i) => (FormattableString.Invariant($"model-{i + 1:D5}-of-{groups.Count:D5}.safetensors"),
                (IReadOnlyList<TensorToWrite>)g))];
    }

    private static string Index(IReadOnlyList<(string Name, IReadOnlyList<TensorToWrite> Tensors)> files, long total)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, new() { Indented = true, NewLine = "\n" }))
        {
            json.WriteStartObject();
            json.WriteStartObject("metadata");
            json.WriteNumber("total_size", total);
            json.WriteEndObject();
            json.WriteStartObject("weight_map");
            foreach (var (file, tensors) in files)
                foreach (var tensor in tensors) json.WriteString(tensor.Name, file);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return System.Text.Encoding.UTF8.GetString(bytes.ToArray());
    }
}
