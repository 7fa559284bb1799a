using System.Runtime.InteropServices;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints.Gguf;

/// <summary>
/// A GGUF file with its own tensor names. Plain tensors are views of the mapped file (copies on request); quantized ones are expanded when they are read, or
/// returned as blocks.
/// </summary>
internal sealed unsafe class GgufCheckpoint : Checkpoint
{
    private readonly bool _copy;
    private readonly Dictionary<string, TensorEntry> _entries = new(StringComparer.Ordinal);

    /// <param name="file">The file, which the checkpoint disposes.</param>
    /// <param name="copy">Whether to copy each tensor to separate memory, so that the file may change while the model is in use.</param>
    /// <param name="expandTo">The dtype of quantized tensors when they are read: fp32, bf16 or fp16.</param>
    public GgufCheckpoint(GgufFile file, bool copy = false, ScalarType expandTo = ScalarType.Float32)
    {
        NativeBootstrap.EnsureLoaded();
        (File, _copy, ExpandTo) = (file, copy, expandTo);
        Expansion.SizeOf(expandTo);
        foreach (var tensor in file.Tensors.Values)
            _entries[tensor.Name] = new(tensor.Name, file.Path, tensor.Type.Name, tensor.Shape);
    }

    public static GgufCheckpoint Open(string path, bool copy = false, ScalarType expandTo = ScalarType.Float32)
    {
        var file = GgufFile.Open(path);
        try { return new(file, copy, expandTo); }
        catch { file.Dispose(); throw; }
    }

    public GgufFile File { get; }

    /// <summary>The dtype of quantized tensors when they are read.</summary>
    public ScalarType ExpandTo { get; }

    public override string Location => File.Path;
    public override IReadOnlyDictionary<string, TensorEntry> Entries => _entries;

    public override Tensor Read(string name)
    {
        var tensor = Find(name);
        if (tensor.Type.Plain is not { } type)
        {
            using var blocks = Blocks(tensor, null, transposed: false);
            return blocks.Dequantize(ExpandTo, Memory);
        }
        if (tensor.Bytes == 0) return empty(tensor.Shape, type).DetachFromDisposeScope();
        var data = File.Map.Start + tensor.Offset;
        var view = NativeTensor.Over(data, tensor.Shape, type, File.Map).DetachFromDisposeScope();
        if (!_copy && (nint)data % view.element_size() == 0) return view;
        using (view) return Memory?.Copy(view, type) ?? view.clone().DetachFromDisposeScope();
    }

    public override QuantizedTensor? ReadQuantized(string name)
    {
        var tensor = Find(name);
        if (!tensor.Type.IsQuantized) return null;
        return _copy ? Copied(tensor, null, transposed: false) : Blocks(tensor, null, transposed: false);
    }

    /// <summary>Reads the blocks of a quantized tensor, optionally with its rows in a different order.</summary>
    public QuantizedTensor ReadQuantized(string name, int[]? order, bool transposed)
        => _copy ? Copied(Find(name), order, transposed) : Blocks(Find(name), order, transposed);

    public override byte[] Sample(string name, int samples)
    {
        var tensor = Find(name);
        return File.Map.Sample(tensor.Offset, tensor.Bytes, samples);
    }

    public override void ReleasePages(string name)
    {
        var tensor = Find(name);
        File.Map.ReleasePages(tensor.Offset, tensor.Bytes);
    }

    public override void Dispose()
    {
        File.Dispose();
        base.Dispose();
    }

    private GgufTensor Find(string name) => File.Tensors[Entry(name).Name];

    private QuantizedTensor Blocks(GgufTensor tensor, int[]? order, bool transposed)
        => new(tensor.Name, tensor.Type, tensor.Shape, File.Map.Start + tensor.Offset, File.Map, order, transposed);

    private QuantizedTensor Copied(GgufTensor tensor, int[]? order, bool transposed)
    {
        var copy = new NativeCopy(File.Map.Start + tensor.Offset, tensor.Bytes);
        try { return new(tensor.Name, tensor.Type, tensor.Shape, copy.Start, copy, order, transposed); }
        finally { copy.RemoveUser(); }
    }

    /// <summary>A copy outside the managed heap, freed when its last user is removed.</summary>
    private sealed class NativeCopy : INativeMemory
    {
        private int _users = 1;

        public NativeCopy(byte* from, long bytes)
        {
            Start = (byte*)NativeMemory.Alloc((nuint)Math.Max(bytes, 1));
            Buffer.MemoryCopy(from, Start, bytes, bytes);
        }

        public byte* Start { get; }

        public void AddUser() => Interlocked.Increment(ref _users);

        public void RemoveUser()
        {
            if (Interlocked.Decrement(ref _users) == 0) NativeMemory.Free(Start);
        }
    }
}
