using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// Reads the weights of a model from a checkpoint by the names of its family, checks each shape against the config, and records what was read: a tensor that
/// remains is refused by name, and samples of the tensors that were read make up the fingerprint of the base.
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
    private readonly bool _keepQuantized, _copies;

    /// <summary>
    /// The size of a checkpoint, in bytes, up to which matrices that could be used in the mapped file are copied to the layout that is multiplied faster.
    /// </summary>
    private const long MaxCopied = 512L << 20;

    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="names">The names of the family.</param>
    /// <param name="compute">The dtype of inner products.</param>
    /// <param name="device">The device that the weights are copied to.</param>
    /// <param name="tied">Whether the LM head is the matrix of the word embeddings; the checkpoint may store either of them.</param>
    /// <param name="keepQuantized">Whether matrices that the file stores as quantized blocks stay quantized.</param>
    public WeightReader(Checkpoint checkpoint, WeightNames names, ScalarType compute, Device device, bool tied = false, bool keepQuantized = false)
    {
        (_checkpoint, _names, _compute, _device, _keepQuantized) = (checkpoint, names, compute, device, keepQuantized);
        var inLayers = names.Layer[..names.Layer.IndexOf('{')];
        var stored = checkpoint.Entries;
        _copies = stored.Values.Sum(e => e.Count) * sizeof(float) <= MaxCopied;
        _tiedHead = tied && names.Head is { } head && stored.ContainsKey(head + ".weight") ? head + ".weight" : null;
        _prefix = names.Prefixes.FirstOrDefault(p => stored.ContainsKey(p + names.Embedding + ".weight"))
            ?? (_tiedHead is null ? null : names.Prefixes.FirstOrDefault(p => stored.Keys.Any(k => k.StartsWith(p + inLayers, StringComparison.Ordinal))))
            ?? throw SkTuningException.BadFile(checkpoint.Location, names.Prefixes[0] + names.Embedding + ".weight", "missing", "the word embeddings",
                $"The checkpoint holds {stored.Count} tensors, such as {string.Join(", ", stored.Keys.Take(3))}: " +
                "it belongs to another model than config.json.");
    }

    /// <summary>Reads the matrix of a linear in the dtype of the inner products, or as quantized blocks.</summary>
    /// <param name="name">The name without the base prefix and ".weight".</param>
    /// <param name="outputs">The number of output values.</param>
    /// <param name="inputs">The number of input values.</param>
    /// <param name="transposed">Whether the checkpoint stores the matrix as [in, out].</param>
    public FrozenMatrix Matrix(string name, long outputs, long inputs, bool transposed = false)
        => Matrix(Full(name + ".weight"), name, transposed ? [inputs, outputs] : [outputs, inputs], _compute, transposed);

    /// <summary>
    /// Reads word embeddings as quantized blocks or in the dtype of the file: only some rows are used at a time, or all of them in the products of a tied head.
    /// </summary>
    public FrozenMatrix Words(string name, long rows, long columns) => Matrix(Full(name + ".weight"), name, [rows, columns], null, transposed: false);

    /// <summary>Reads a matrix outside the base prefix, such as the LM head's; null if the checkpoint does not have it.</summary>
    public FrozenMatrix? OutsideMatrix(string fullName, long outputs, long inputs)
        => _checkpoint.Entries.ContainsKey(fullName) ? Matrix(fullName, fullName, [outputs, inputs], _compute, transposed: false) : null;

    /// <summary>Reads values that stay in fp32, such as norms.</summary>
    public Tensor Exact(string name, params long[] shape) => Read(Full(name), name, shape, ScalarType.Float32);

    /// <summary>Reads a bias in the dtype of the inner products.</summary>
    public Tensor Bias(string name, long size) => Read(Full(name + ".bias"), name, [size], _compute);

    /// <summary>Reads a table in the dtype of the file, because only some of its rows are used at a time.</summary>
    public Tensor Table(string name, long rows, long columns) => Read(Full(name + ".weight"), name, [rows, columns], null);

    /// <summary>Reads a bias outside the base prefix; null if the checkpoint does not have it.</summary>
    public Tensor? Outside(string fullName, params long[] shape)
        => _checkpoint.Entries.ContainsKey(fullName) ? Read(fullName, fullName, shape, _compute) : null;

    /// <summary>Reads a tensor that does not contribute to the states of the model, such as a pooler. It is neither counted nor sampled.</summary>
    public Tensor Beside(string name, params long[] shape)
    {
        var full = Full(name);
        var entry = _checkpoint.Entry(full);
        CheckShape(entry, full, shape);
        _taken.Add(full);
        var tensor = OnDevice(_checkpoint.Read(full), ScalarType.Float32);
        _made.Add(tensor);
        return tensor;
    }

    /// <summary>Records a weight as known without reading it, such as a stored copy of a tied head.</summary>
    public void Skip(string fullName) => _taken.Add(fullName);

    /// <summary>Returns whether the base has a tensor, by its name with ending but without the base prefix.</summary>
    public bool Has(string name) => _checkpoint.Entries.ContainsKey(Full(name));

    /// <summary>The mark at the start of a full name, to which the base prefix is not added.</summary>
    public const string Root = "/";

    /// <summary>Returns the name in the checkpoint. Checkpoints that came from TensorFlow call the weight and bias of a norm gamma and beta.</summary>
    private string Full(string name)
    {
        var full = name.StartsWith(Root, StringComparison.Ordinal) ? name[Root.Length..] : _prefix + name;
        if (_tiedHead is not null && name == _names.Embedding + ".weight" && !_checkpoint.Entries.ContainsKey(full)) return _tiedHead;
        if (_checkpoint.Entries.ContainsKey(full) || !full.Contains("LayerNorm.", StringComparison.Ordinal)) return full;
        var old = full.Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
            .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);
        return _checkpoint.Entries.ContainsKey(old) ? old : full;
    }

    /// <summary>The tensors that a pass can replace, by canonical name: those of linears and norms, in the layout of the checkpoint.</summary>
    public Dictionary<string, Tensor> Replaceable { get; } = new(StringComparer.Ordinal);

    /// <summary>Every tensor that was read, by canonical name, without quantized matrices.</summary>
    public List<(string Name, Tensor Value)> Taken { get; } = [];

    /// <summary>The number of values in all weights that were read.</summary>
    public long Parameters { get; private set; }

    /// <summary>The device that the weights are copied to.</summary>
    public Device Device => _device;

    /// <summary>The size of the weights in memory, in bytes.</summary>
    public long Memory { get; private set; }

    /// <summary>The size of the weights that are used in place in the mapped file, in bytes.</summary>
    public long Mapped { get; private set; }

    /// <summary>The size of the weights that stay quantized, mapped or in memory, in bytes.</summary>
    public long Quantized { get; private set; }

    /// <summary>The memory for expanding quantized matrices; null if there are none. The transformer owns it.</summary>
    public ExpansionBuffers? Buffers { get; private set; }

    /// <summary>Disposes everything that was read, for a model that could not be completed.</summary>
    public void DisposeMade() => _made.ForEach(m => m.Dispose());

    /// <summary>The stored type of most values.</summary>
    public string StoredAs
        => _stored.OrderByDescending(s => s.Value).ThenBy(s => s.Key, StringComparer.Ordinal).Select(s => s.Key).FirstOrDefault() ?? "";

    /// <summary>Refuses tensors that the family does not know: an unused weight would mean another model.</summary>
    public void RefuseLeftovers()
    {
        var left = _checkpoint.Entries.Keys.Where(n => !_taken.Contains(n) && !_names.Unused.Any(u => n.EndsWith(u, StringComparison.Ordinal))
            && !_names.OtherModels.Any(o => n.StartsWith(o, StringComparison.Ordinal))).Order(StringComparer.Ordinal).ToList();
        if (left.Count > 0)
            throw SkTuningException.BadFile(_checkpoint.Location, left[0], "a tensor that this family does not use", "only known tensors",
                $"{left.Count} tensors are not used: config.json may belong to another model, or one of its settings is not supported.");
    }

    /// <summary>The canonical name and the name in the checkpoint of every tensor that was read, quantized or not.</summary>
    public IReadOnlyList<(string Canonical, string Stored)> Names => [.. _sampled.Select(s => (s.Canonical, s.Entry.Name))];

    /// <summary>Returns the fingerprint of every tensor that was read.</summary>
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

        PlainMatrix Plain() => new(Read(fullName, canonical, shape, dtype, product: dtype is not null && !transposed), transposed);
    }

    private Tensor Read(string fullName, string canonical, long[] shape, ScalarType? dtype, bool product = false)
    {
        var entry = Take(fullName, canonical, shape);
        var stored = _checkpoint.Read(fullName);
        if (!is_floating_point(stored))
        {
            stored.Dispose();
            throw SkTuningException.BadFile(entry.File, fullName, $"stored as {entry.StoredAs}", "a floating-point type");
        }
        var tensor = product && MultipliesColumns(stored) ? InColumns(stored) : OnDevice(stored, dtype);
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

    /// <summary>Checks the shape of a weight, counts it, and samples it before it is read, so that no page is read twice.</summary>
    private TensorEntry Take(string fullName, string canonical, long[] shape)
    {
        var entry = _checkpoint.Entry(fullName);
        CheckShape(entry, fullName, shape);
        _taken.Add(fullName);
        _sampled.Add((canonical, entry, _checkpoint.Sample(fullName, WeightFingerprint.Samples)));
        Parameters += entry.Count;
        _stored[entry.StoredAs] = _stored.GetValueOrDefault(entry.StoredAs) + entry.Count;
        return entry;
    }

    private static void CheckShape(TensorEntry entry, string fullName, long[] shape)
    {
        if (!entry.Shape.SequenceEqual(shape))
            throw SkTuningException.BadFile(entry.File, fullName, entry.ShapeText, $"[{string.Join(", ", shape)}] from config.json",
                "The file and the config belong to different models.");
    }

    /// <summary>
    /// True for a matrix [out, in] that is kept in memory as [in, out]. For a few tokens in fp32, MKL first copies a matrix in the other layout, which takes
    /// as long as the product. In bf16, oneDNN copies either layout. Matrices of large checkpoints stay in the mapped file if they are stored in fp32.
    /// </summary>
    private bool MultipliesColumns(Tensor stored)
        => _compute == ScalarType.Float32 && _device.type == TorchSharp.DeviceType.CPU
            && (stored.dtype != ScalarType.Float32 || (_copies && MappedFile.Holds(stored)));

    /// <summary>Returns the same matrix with its columns one after another in memory.</summary>
    private Tensor InColumns(Tensor stored)
    {
        using (stored)
        using (var off = no_grad())
        using (var columns = stored.t())
        using (var copy = _checkpoint.Memory?.Copy(columns, ScalarType.Float32)
            ?? columns.to_type(ScalarType.Float32).contiguous().DetachFromDisposeScope())
            return copy.t().DetachFromDisposeScope();
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
