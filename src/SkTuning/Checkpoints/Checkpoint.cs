using SkTuning.Checkpoints.Gguf;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints;

/// <summary>One tensor of a checkpoint as its file describes it, checked against the file's size.</summary>
/// <param name="Name">The tensor's name in the file.</param>
/// <param name="File">The file that contains it.</param>
/// <param name="StoredAs">The file's own name for the stored type: <c>F16</c>, <c>BF16</c>, <c>Q4_0</c>…</param>
/// <param name="Shape">The shape in torch's order (outermost first).</param>
internal sealed record TensorEntry(string Name, string File, string StoredAs, long[] Shape)
{
    /// <summary>The number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}

/// <summary>
/// A weights file, or several, with named tensors: safetensors, GGUF or PyTorch. Only the headers are read until a tensor is requested.
/// </summary>
internal abstract class Checkpoint : IDisposable
{
    /// <summary>The file or folder, for error messages.</summary>
    public abstract string Location { get; }

    /// <summary>The tensors by name.</summary>
    public abstract IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>The memory for tensors that are not views of the file, owned by the caller. Null selects libtorch's allocator.</summary>
    public virtual WeightMemory? Memory { get; set; }

    /// <summary>
    /// Reads a CPU tensor of the entry's shape in its stored dtype (fp32 if the file stores quantized blocks), owned by the caller and outside any
    /// dispose scope. It may be a view of the file's mapped memory: never write to it.
    /// </summary>
    public abstract Tensor Read(string name);

    /// <summary>Reads the tensor as the quantized blocks of its file, owned by the caller; null if the file stores plain values.</summary>
    public virtual QuantizedTensor? ReadQuantized(string name) => null;

    /// <summary>
    /// Returns evenly spaced bytes of a tensor's stored form for a fingerprint: <paramref name="samples"/> pieces of 16 bytes, without a full read.
    /// </summary>
    public abstract byte[] Sample(string name, int samples);

    /// <summary>
    /// Releases the memory of a tensor's mapped pages, for a tensor that is not needed soon. They are loaded again when they are next read.
    /// </summary>
    public virtual void ReleasePages(string name) { }

    /// <summary>Returns the entry of a tensor.</summary>
    /// <exception cref="SkTuningException">There is no such tensor.</exception>
    public TensorEntry Entry(string name)
        => Entries.TryGetValue(name, out var entry) ? entry : throw SkTuningException.BadFile(
            Location, name, "missing", "a tensor of that name", "The checkpoint is incomplete or belongs to another model.");

    public virtual void Dispose() { }
}
