using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints.Pickle;

/// <summary>
/// A state dict in the format of torch.save since PyTorch 1.6: a zip file with data.pkl and one entry per storage. No code in it is run. Tensors are views
/// of the mapped file if it stores them uncompressed, copies otherwise.
/// </summary>
internal sealed unsafe class PickleCheckpoint : Checkpoint
{
    private const long MaxPickleBytes = 256L << 20;

    private readonly MappedFile _file;
    private readonly bool _copy;
    private readonly ZipDirectory _zip;
    private readonly string _root;
    private readonly Dictionary<string, TensorEntry> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PickleTensor> _tensors = new(StringComparer.Ordinal);

    /// <param name="path">The file.</param>
    /// <param name="copy">Whether to copy each tensor to separate memory, so that the file may change while the model is in use.</param>
    public PickleCheckpoint(string path, bool copy = false)
    {
        NativeBootstrap.EnsureLoaded();
        (Location, _copy) = (path, copy);
        _file = FileAccessErrors.Explain(path, () => new MappedFile(path));
        try
        {
            ForeignFormats.Refuse(_file);
            _zip = new(_file);
            _root = Root();
            ReadAll();
        }
        catch { _file.Dispose(); throw; }
    }

    public override string Location { get; }
    public override IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    public override Tensor Read(string name)
    {
        var tensor = _tensors[Entry(name).Name];
        var type = tensor.Storage.Type;
        if (tensor.Count == 0) return empty(tensor.Shape, type.Type).DetachFromDisposeScope();
        var entry = _zip.Entries[StorageName(tensor)];
        if (entry.Compressed)
        {
            using var expanded = empty([tensor.Storage.Count], type.Type);
            _zip.Expand(StorageName(tensor), NativeTensor.DataOf(expanded));
            return expanded.as_strided(tensor.Shape, tensor.Strides, tensor.Offset).DetachFromDisposeScope();
        }
        var data = _file.Start + entry.Offset;
        using var view = tensor.IsContiguous
            ? NativeTensor.Over(data + tensor.Offset * type.Bytes, tensor.Shape, type.Type, _file)
            : NativeTensor.Over(data, [tensor.Storage.Count], type.Type, _file);
        var shaped = tensor.IsContiguous ? view.alias() : view.as_strided(tensor.Shape, tensor.Strides, tensor.Offset);
        if (!_copy && (nint)data % type.Bytes == 0) return shaped.DetachFromDisposeScope();
        using (shaped) return shaped.clone().DetachFromDisposeScope();
    }

    public override byte[] Sample(string name, int samples)
    {
        var tensor = _tensors[Entry(name).Name];
        if (tensor.Count == 0) return [];
        var (entry, size) = (_zip.Entries[StorageName(tensor)], tensor.Storage.Type.Bytes);
        if (!entry.Compressed && tensor.IsContiguous) return _file.Sample(entry.Offset + tensor.Offset * size, tensor.Count * size, samples);
        using var read = Read(name);
        using var inOrder = read.contiguous();
        return Sampling.Take(NativeTensor.DataOf(inOrder), tensor.Count * size, samples);
    }

    public override void ReleasePages(string name)
    {
        var tensor = _tensors[Entry(name).Name];
        var size = tensor.Storage.Type.Bytes;
        if (_zip.Entries[StorageName(tensor)] is { Compressed: false } entry && tensor.IsContiguous)
            _file.ReleasePages(entry.Offset + tensor.Offset * size, tensor.Count * size);
    }

    public override void Dispose()
    {
        _file.Dispose();
        base.Dispose();
    }

    private string StorageName(PickleTensor tensor) => $"{_root}data/{tensor.Storage.Key}";

    /// <summary>The folder inside the zip file, which is named after the file that was saved.</summary>
    private string Root()
    {
        const string pickle = "data.pkl";
        var found = _zip.Entries.Keys
            .Where(k => k == pickle || k.EndsWith("/" + pickle, StringComparison.Ordinal) && k.IndexOf('/') == k.Length - pickle.Length - 1).ToArray();
        if (found.Length != 1)
            throw SkTuningException.BadFile(
                Location, pickle, found.Length == 0 ? "not in the zip file" : "in the zip file several times", "one entry, as torch.save writes it");
        var root = found[0][..^pickle.Length];
        if (_zip.Entries.ContainsKey(root + "constants.pkl"))
            throw SkTuningException.BadFile(
                Location, root + "constants.pkl", "part of a TorchScript program", "a state dict", "Save model.state_dict() instead.");
        return root;
    }

    private void ReadAll()
    {
        if (_zip.Entries.ContainsKey(_root + "byteorder")
            && _zip.Content(_root + "byteorder", 16) is var order && !order.AsSpan().SequenceEqual("little"u8))
            throw SkTuningException.BadFile(Location, "byteorder", System.Text.Encoding.Latin1.GetString(order), "little");
        var value = Unpickler.Read(Location, _zip.Content(_root + "data.pkl", Math.Min(MaxPickleBytes, 2 * _file.Length)));
        if (value.Kind != PickleKind.Dictionary)
            throw SkTuningException.BadFile(Location, "data.pkl", value.Describe(), "a dictionary of tensors", "Save model.state_dict() instead.");
        foreach (var (name, item) in ((PickleDictionary)value.Object!).Entries ?? [])
        {
            if (item.Kind == PickleKind.Tensor) Add(name, (PickleTensor)item.Object!);
            else if (item.Kind == PickleKind.Dictionary
                && ((PickleDictionary)item.Object!).Entries?.Any(e => e.Value.Kind == PickleKind.Tensor) == true)
                throw SkTuningException.BadFile(Location, name, "a nested dictionary of tensors", "the tensors themselves", "Save that dictionary alone.");
        }
    }

    private void Add(string name, PickleTensor tensor)
    {
        var storage = tensor.Storage;
        var bytes = (Int128)storage.Count * storage.Type.Bytes;
        if (!_zip.Entries.TryGetValue(StorageName(tensor), out var entry))
            throw SkTuningException.BadFile(Location, name, $"in '{StorageName(tensor)}', which is not in the zip file", "an existing entry");
        if (entry.Bytes != bytes)
            throw SkTuningException.BadFile(
                Location, name, $"in a storage of {entry.Bytes} bytes", $"{bytes} bytes for {storage.Count} values of {storage.Type.Name}");
        if (!_entries.TryAdd(name, new(name, Location, SafetensorsHeader.NameOf(storage.Type.Type), tensor.Shape)))
            throw SkTuningException.BadFile(Location, name, "a duplicate name", "one tensor of that name");
        _tensors[name] = tensor;
    }
}
