using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints;

/// <summary>
/// One safetensors file. Its tensors are views of the mapped file, or copies on request.
/// Format: github.com/huggingface/safetensors, README "Format".
/// </summary>
internal sealed class SafetensorsCheckpoint : Checkpoint
{
    private readonly MappedFile _file;
    private readonly SafetensorsHeader _header;
    private readonly bool _copy;

    /// <param name="path">The file.</param>
    /// <param name="copy">Whether to copy each tensor to separate memory, so that the file may change while the model is in use.</param>
    public SafetensorsCheckpoint(string path, bool copy = false)
    {
        NativeBootstrap.EnsureLoaded();
        (Location, _copy) = (path, copy);
        _file = FileAccessErrors.Explain(path, () => new MappedFile(path));
        try { _header = SafetensorsHeader.Read(_file); }
        catch { _file.Dispose(); throw; }
    }

    public override string Location { get; }

    public override IReadOnlyDictionary<string, TensorEntry> Entries => _header.Entries;

    /// <summary>The strings under <c>__metadata__</c>.</summary>
    public IReadOnlyDictionary<string, string> Metadata => _header.Metadata;

    /// <summary>Compares the file with the checksum that it holds of itself; a file without one is accepted.</summary>
    /// <exception cref="SkTuningException">The file was changed or damaged after it was written.</exception>
    public void RequireIntact()
    {
        if (!Metadata.TryGetValue(SafetensorsChecksum.Key, out var held)) return;
        if (held.Length != SafetensorsChecksum.Placeholder.Length || SafetensorsChecksum.Of(_file, held) != held)
        {
            throw SkTuningException.BadFile(Location, SafetensorsChecksum.Key, "not that of the file", "the checksum that it was saved with",
                "The file was changed or damaged after it was saved: restore it from a copy, or train again.");
        }
    }

    /// <summary>Returns the SHA-256 of the file, in hexadecimal.</summary>
    public string Hash() => SafetensorsChecksum.Of(_file, "");

    public override unsafe Tensor Read(string name)
    {
        var entry = Entry(name);
        var place = _header.Places[name];
        var type = place.Type ?? throw SkTuningException.BadFile(
            Location, name, $"stored as {entry.StoredAs}", "F64, F32, F16, BF16, I64, I32, I16, I8, U8 or BOOL",
            "Convert the checkpoint to one of these types.");
        if (place.Bytes == 0) return empty(entry.Shape, type).DetachFromDisposeScope();
        var data = _file.Start + place.Offset;
        var view = NativeTensor.Over(data, entry.Shape, type, _file).DetachFromDisposeScope();
        // Misaligned values are allowed in the file, but not in all vector code.
        if (!_copy && (nint)data % view.element_size() == 0) return view;
        using (view) return Memory?.Copy(view, type) ?? view.clone().DetachFromDisposeScope();
    }

    public override byte[] Sample(string name, int samples)
    {
        var place = _header.Places[Entry(name).Name];
        return _file.Sample(place.Offset, place.Bytes, samples);
    }

    public override void ReleasePages(string name)
    {
        var place = _header.Places[Entry(name).Name];
        _file.ReleasePages(place.Offset, place.Bytes);
    }

    public override void Dispose()
    {
        _file.Dispose();
        base.Dispose();
    }
}
