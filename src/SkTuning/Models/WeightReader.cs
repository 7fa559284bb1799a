using SkTuning.Checkpoints;
using SkTuning.Heads;
using SkTuning.Tokenizers.Text;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// Takes a model's weights out of a checkpoint under the family's names, checks each shape against the config, and remembers what was taken:
/// what is left over is refused by name, and samples of what was taken make the base's fingerprint.
/// </summary>
internal sealed class WeightReader
{
    private readonly Checkpoint _checkpoint;
    private readonly WeightNames _names;
    private readonly HashSet<string> _taken = new(StringComparer.Ordinal);
    private readonly List<(string Canonical, TensorEntry Entry, byte[] Bytes)> _sampled = [];
    private readonly List<IDisposable> _made = [];
    private readonly Dictionary<string, long> _stored = new(StringComparer.Ordinal);
    private readonly string _prefix;
    private readonly string? _tiedHead;
    private readonly ScalarType _compute;
    private readonly Device _device;
    private readonly bool _keepQuantized;

    /// <param name="checkpoint">Where the weights are.</param>
    /// <param name="names">The family's names.</param>
    /// <param name="compute">The dtype of inner products.</param>
    /// <param name="device">Where the weights go.</param>
    /// <param name="tied">The LM head is the word embeddings' matrix: either may be the one that is stored.</param>
    /// <param name="keepQuantized">Matrices that the file has as quantised blocks stay so.</param>
    public WeightReader(Checkpoint checkpoint, WeightNames names, ScalarType compute, Device device, bool tied = false, bool keepQuantized = false)
    {
        (_checkpoint, _names, _compute, _device, _keepQuantized) = (checkpoint, names, compute, device, keepQuantized);
        var inLayers = names.Layer[..names.Layer.IndexOf('{')];
        _tiedHead = tied && names.Head is { } head && checkpoint.Entries.ContainsKey(head + ".weight") ? head + ".weight" : null;
        _prefix = names.Prefixes.FirstOrDefault(p => checkpoint.Entries.ContainsKey(p + names.Embedding + ".weight"))
            ?? (_tiedHead is null ? null : names.Prefixes.FirstOrDefault(p => checkpoint.Entries.Keys.Any(k => k.StartsWith(p + inLayers, StringComparison.Ordinal))))
            ?? throw SkTuningException.BadFile(checkpoint.Location, names.Prefixes[0] + names.Embedding + ".weight", "not there", "the word embeddings",
                $"The checkpoint holds {checkpoint.Entries.Count} tensors, such as {string.Join(", ", checkpoint.Entries.Keys.Take(3))}: it is of another model than config.json.");
    }

    /// <summary>The matrix of a linear, in the dtype of the inner products or as quantised blocks. <paramref name="name"/> without ".weight", below the base prefix.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="outputs">Values that come out.</param>
    /// <param name="inputs">Values that go in.</param>
    /// <param name="transposed">The checkpoint has it as [in, out].</param>
    public FrozenMatrix Matrix(string name, long outputs, long inputs, bool transposed = false)
        => Matrix(Full(name + ".weight"), name, transposed ? [inputs, outputs] : [outputs, inputs], _compute, transposed);

    /// <summary>Word embeddings: quantised blocks, or the dtype of the file. Only rows of them are read, or products asked for by a tied head.</summary>
    public FrozenMatrix Words(string name, long rows, long columns) => Matrix(Full(name + ".weight"), name, [rows, columns], null, transposed: false);

    /// <summary>A matrix outside the base prefix, such as the LM head's; null when it is not there.</summary>
    public FrozenMatrix? OutsideMatrix(string fullName, long outputs, long inputs)
        => _checkpoint.Entries.ContainsKey(fullName) ? Matrix(fullName, fullName, [outputs, inputs], _compute, transposed: false) : null;

    /// <summary>Values that stay fp32: norms and their like.</summary>
    public Tensor Exact(string name, params long[] shape) => Read(Full(name), name, shape, ScalarType.Float32);

    /// <summary>A bias in the dtype of the inner products.</summary>
    public Tensor Bias(string name, long size) => Read(Full(name + ".bias"), name, [size], _compute);

    /// <summary>A table of rows in the dtype of the file (only rows of it are read).</summary>
    public Tensor Table(string name, long rows, long columns) => Read(Full(name + ".weight"), name, [rows, columns], null);

    /// <summary>A bias outside the base prefix; null when it is not there.</summary>
    public Tensor? Outside(string fullName, params long[] shape)
        => _checkpoint.Entries.ContainsKey(fullName) ? Read(fullName, fullName, shape, _compute) : null;

    /// <summary>A tensor that is no part of the model's own states, such as a pooler: read, but neither counted nor sampled.</summary>
    public Tensor Beside(string name, params long[] shape)
    {
        var full = Full(name);
        var entry = _checkpoint.Entry(full);
        if (!entry.Shape.SequenceEqual(shape))
            throw SkTuningException.BadFile(entry.File, full, entry.ShapeText, $"[{string.Join(", ", shape)}] from config.json", "The file and the config are of different models.");
        _taken.Add(full);
        var tensor = OnDevice(_checkpoint.Read(full), ScalarType.Float32);
        _made.Add(tensor);
        return tensor;
    }

    /// <summary>Notes a weight as known without reading it, such as a stored copy of a tied head.</summary>
    public void Skip(string fullName) => _taken.Add(fullName);

    /// <summary>True when the base has that tensor (name with its ending, below the base prefix).</summary>
    public bool Has(string name) => _checkpoint.Entries.ContainsKey(Full(name));

    /// <summary>Stands before a name that is a full one, not below the base prefix.</summary>
    public const string Root = "/";

    /// <summary>The checkpoint's name. A norm's weight and bias are called gamma and beta in checkpoints that came from TensorFlow.</summary>
    private string Full(string name)
    {
        var full = name.StartsWith(Root, StringComparison.Ordinal) ? name[Root.Length..] : _prefix + name;
        if (_tiedHead is not null && name == _names.Embedding + ".weight" && !_checkpoint.Entries.ContainsKey(full)) return _tiedHead;
        if (_checkpoint.Entries.ContainsKey(full) || !full.Contains("LayerNorm.", StringComparison.Ordinal)) return full;
        var old = full.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal).Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);
        return _checkpoint.Entries.ContainsKey(old) ? old : full;
    }

    /// <summary>What a pass can have replaced, by its canonical name: the tensors of linears and norms as they are stored.</summary>
    public Dictionary<string, Tensor> Replaceable { get; } = new(StringComparer.Ordinal);

    /// <summary>Every tensor taken, by its canonical name. Quantised matrices are none.</summary>
    public List<(string Name, Tensor Value)> Taken { get; } = [];

    /// <summary>Values in all weights taken.</summary>
    public long Parameters { get; private set; }

    /// <summary>Where the weights go.</summary>
    public Device Device => _device;

    /// <summary>Bytes of weights in memory.</summary>
    public long Memory { get; private set; }

    /// <summary>Bytes of weights that are looked at in the mapped file.</summary>
    public long Mapped { get; private set; }

    /// <summary>Bytes of weights that stay quantised, wherever they are.</summary>
    public long Quantized { get; private set; }

    /// <summary>Where quantised matrices are expanded; null where there are none. The transformer owns it.</summary>
    public ExpansionBuffers? Buffers { get; private set; }

    /// <summary>Lets go of all that was read, where a model cannot be finished.</summary>
    public void DisposeMade() => _made.ForEach(m => m.Dispose());

    /// <summary>The stored type of most values.</summary>
    public string StoredAs => _stored.OrderByDescending(s => s.Value).ThenBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Key).FirstOrDefault() ?? "";

    /// <summary>Refuses what the family does not know: a weight that is not used changes the model.</summary>
    public void RefuseLeftovers()
    {
        var left = _checkpoint.Entries.Keys.Where(n => !_taken.Contains(n) && !_names.Unused.Any(u => n.EndsWith(u, StringComparison.Ordinal))
            && !_names.OtherModels.Any(o => n.StartsWith(o, StringComparison.Ordinal))).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
            throw SkTuningException.BadFile(_checkpoint.Location, left[0], "a tensor that this family does not use", "only known tensors",
                $"{left.Count} such tensors: config.json may be of another model, or an option of it is not supported.");
    }

    /// <summary>Every tensor taken, quantised ones too, by its canonical and the checkpoint's name.</summary>
    public IReadOnlyList<(string Canonical, string Stored)> Names => [.. _sampled.Select(s => (s.Canonical, s.Entry.Name))];

    /// <summary>Of every tensor taken.</summary>
    public string Fingerprint() => WeightFingerprint.Of(_sampled);

    private FrozenMatrix Matrix(string fullName, string canonical, long[] shape, ScalarType? dtype, bool transposed)
    {
        if (!_keepQuantized || _checkpoint.Entry(fullName).Shape.Length != 2 || _checkpoint.ReadQuantized(fullName) is not { } blocks) return Plain();
        if (blocks.Transposed != transposed)
        {
            blocks.Dispose();
            return Plain();
        }
        try { Take(fullName, canonical, shape); }
        catch { blocks.Dispose(); throw; }
        Quantized += blocks.Bytes;
        if (blocks.IsMapped) Mapped += blocks.Bytes;
        else
        {
            Memory += blocks.Bytes;
            _checkpoint.ReleasePages(fullName);
        }
        var matrix = new QuantizedMatrix(blocks, Buffers ??= new(), _compute);
        _made.Add(matrix);
        return matrix;

        PlainMatrix Plain() => new(Read(fullName, canonical, shape, dtype), transposed);
    }

    private Tensor Read(string fullName, string canonical, long[] shape, ScalarType? dtype)
    {
        var entry = Take(fullName, canonical, shape);
        var stored = _checkpoint.Read(fullName);
        if (!is_floating_point(stored))
        {
            stored.Dispose();
            throw SkTuningException.BadFile(entry.File, fullName, $"stored as {entry.StoredAs}", "a floating-point type");
        }
        var tensor = OnDevice(stored, dtype);
        _made.Add(tensor);
        Taken.Add((canonical, tensor));
        var bytes = tensor.NumberOfElements * tensor.element_size();
        if (MappedFile.Holds(tensor)) Mapped += bytes;
        else
        {
            Memory += bytes;
            _checkpoint.ReleasePages(fullName);
        }
        return tensor;
    }

    /// <summary>Checks a weight's shape, counts it, and samples it while nothing of it is in memory that would have to be read again.</summary>
    private TensorEntry Take(string fullName, string canonical, long[] shape)
    {
        var entry = _checkpoint.Entry(fullName);
        if (!entry.Shape.SequenceEqual(shape))
            throw SkTuningException.BadFile(entry.File, fullName, entry.ShapeText, $"[{string.Join(", ", shape)}] from config.json", "The file and the config are of different models.");
        _taken.Add(fullName);
        _sampled.Add((canonical, entry, _checkpoint.Sample(fullName, WeightFingerprint.Samples)));
        Parameters += entry.Count;
        _stored[entry.StoredAs] = _stored.GetValueOrDefault(entry.StoredAs) + entry.Count;
        return entry;
    }

    private Tensor OnDevice(Tensor stored, ScalarType? dtype)
    {
        if (_compute == ScalarType.Float64) dtype = _compute;
        if ((dtype is null || stored.dtype == dtype) && _device.type == TorchSharp.DeviceType.CPU) return stored;
        using (stored)
        {
            using var off = no_grad();
            if (_device.type == TorchSharp.DeviceType.CPU && _checkpoint.Memory is { } memory) return memory.Copy(stored, dtype!.Value);
            return stored.to(dtype ?? stored.dtype, _device).DetachFromDisposeScope();
        }
    }
}
