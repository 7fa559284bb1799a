using System.Globalization;
using SkTuning.Checkpoints;
using SkTuning.Checkpoints.Gguf;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models.Gguf;

/// <summary>A GGUF file with the names and values of the Hugging Face checkpoint it was made from.</summary>
internal sealed class GgufModelCheckpoint : Checkpoint
{
    private readonly GgufCheckpoint _stored;
    private readonly Dictionary<string, (string Name, TensorChange Change)> _sources = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorEntry> _entries = new(StringComparer.Ordinal);

    public GgufModelCheckpoint(GgufCheckpoint stored, GgufArchitecture architecture, GgufSettings settings)
    {
        _stored = stored;
        var names = new GgufNames(architecture, settings);
        foreach (var tensor in stored.File.Tensors.Values)
        {
            if (architecture.Ignores(tensor.Name) || tensor.Name == "output.weight" && settings.TiedHead) continue;
            if (!tensor.Type.CanExpand)
                throw Bad(tensor.Name, $"stored as {tensor.Type.Name}", $"one of {BlockType.SupportedNames}", "Quantize the model to another type.");
            foreach (var (name, change) in Named(tensor, architecture, names, settings)) Add(name, tensor, change);
        }
    }

    public override string Location => _stored.Location;
    public override IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    public override WeightMemory? Memory { get => _stored.Memory; set => _stored.Memory = value; }

    /// <summary>Returns the name of a tensor in the GGUF file.</summary>
    public string StoredName(string name) => Source(name).Name;

    public override Tensor Read(string name)
    {
        var (stored, change) = Source(name);
        switch (change)
        {
            case TensorChange.Rows rows when _stored.File.Tensors[stored].Type.IsQuantized:
                using (var blocks = _stored.ReadQuantized(stored, rows.Order(), transposed: false)) return blocks.Dequantize(_stored.ExpandTo, Memory);
            case TensorChange.AsStored:
                return _stored.Read(stored);
        }
        using var whole = _stored.Read(stored);
        using var off = no_grad();
        switch (change)
        {
            case TensorChange.Rows rows:
                using (var index = tensor(rows.Order(), ScalarType.Int64)) return whole.index_select(0, index).DetachFromDisposeScope();
            case TensorChange.Transposed:
                return whole.t().DetachFromDisposeScope();
            case TensorChange.MinusOne:
                using (var wide = whole.to_type(ScalarType.Float32)) return wide.sub(1.Kept()).DetachFromDisposeScope();
            case TensorChange.OneRow row:
                return whole.select(0, row.Index).DetachFromDisposeScope();
            default:
                throw new InvalidOperationException($"Unknown change {change}.");
        }
    }

    public override QuantizedTensor? ReadQuantized(string name)
    {
        var (stored, change) = Source(name);
        if (!_stored.File.Tensors[stored].Type.IsQuantized) return null;
        return change switch
        {
            TensorChange.AsStored => _stored.ReadQuantized(stored, null, transposed: false),
            TensorChange.Rows rows => _stored.ReadQuantized(stored, rows.Order(), transposed: false),
            TensorChange.Transposed => _stored.ReadQuantized(stored, null, transposed: true),
            _ => null,                                                        // small tensors whose values change: they are read instead
        };
    }

    public override byte[] Sample(string name, int samples) => _stored.Sample(Source(name).Name, samples);

    public override void ReleasePages(string name) => _stored.ReleasePages(Source(name).Name);

    public override void Dispose()
    {
        _stored.Dispose();
        base.Dispose();
    }

    private (string Name, TensorChange Change) Source(string name) => _sources[Entry(name).Name];

    private static IEnumerable<(string Name, TensorChange Change)> Named(
        GgufTensor tensor, GgufArchitecture architecture, GgufNames names, GgufSettings settings)
    {
        var dot = tensor.Name.LastIndexOf('.');
        var (stem, ending) = dot < 0 ? (tensor.Name, "") : (tensor.Name[..dot], tensor.Name[dot..]);
        if (ending is not (".weight" or ".bias") || names.Find(stem) is not var (name, part))
            throw SkTuningException.BadFile(settings.File.Path, tensor.Name, "an unknown tensor",
                $"the tensors of a model of architecture '{architecture.Name}' with {settings.Layers} layers", "Use the model's safetensors folder instead.");
        return name.Contains("{0}", StringComparison.Ordinal) ? OneForEachHead(tensor, name + ending, part, settings)
            : [(name + ending, architecture.Change?.Invoke(part, tensor, settings) ?? TensorChange.None)];
    }

    /// <summary>Splits the norms of heads, which the converter stacked.</summary>
    private static IEnumerable<(string Name, TensorChange Change)> OneForEachHead(GgufTensor tensor, string name, string part, GgufSettings settings)
    {
        var heads = part == GgufNames.QueryNorm ? settings.Heads : settings.KeyValueHeads;
        if (tensor.Shape.Length != 2 || tensor.Shape[0] != heads || tensor.Type.IsQuantized)
            throw SkTuningException.BadFile(settings.File.Path, tensor.Name, $"{tensor.Type.Name} {tensor.ShapeText}",
                $"[{heads}, {settings.HeadSize}] of plain values: one norm a head");
        return Enumerable.Range(0, heads).Select(head =>
            (name.Replace("{0}", head.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal), (TensorChange)new TensorChange.OneRow(head)));
    }

    private void Add(string name, GgufTensor tensor, TensorChange change)
    {
        var shape = change switch
        {
            TensorChange.Transposed => [tensor.Shape[1], tensor.Shape[0]],
            TensorChange.OneRow => tensor.Shape[1..],
            _ => tensor.Shape,
        };
        if (!_entries.TryAdd(name, new(name, _stored.Location, tensor.Type.Name, shape))) throw Bad(tensor.Name, $"a second tensor for '{name}'", "one");
        _sources[name] = (tensor.Name, change);
    }

    private SkTuningException Bad(string? key, string found, string expected, string? advice = null)
        => SkTuningException.BadFile(Location, key, found, expected, advice);
}
