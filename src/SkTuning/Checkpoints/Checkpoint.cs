using SkTuning.Checkpoints.Gguf;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints;

/// <summary>One tensor of a checkpoint as its file describes it, checked against the file's size.</summary>
/// <param name="Name">The tensor's name in the file.</param>
/// <param name="File">The file that holds it.</param>
/// <param name="StoredAs">The file's own name of the stored type: <c>F16</c>, <c>BF16</c>, <c>Q4_0</c>…</param>
/// <param name="Shape">The shape in torch's order (outermost first).</param>
internal sealed record TensorEntry(string Name, string File, string StoredAs, long[] Shape)
{
    /// <summary>The number of values.</summary>
    public long Count => Shape.Aggregate(1L, (product, size) => checked(product * size));

    public string ShapeText => $"[{string.Join(", ", Shape)}]";
}

/// <summary>A file, or several, of named tensors: safetensors, GGUF, PyTorch. Nothing is read but the headers until a tensor is asked for.</summary>
internal abstract class Checkpoint : IDisposable
{
    /// <summary>The file or folder, as errors name it.</summary>
    public abstract string Location { get; }

    /// <summary>What is in it, by name.</summary>
    public abstract IReadOnlyDictionary<string, TensorEntry> Entries { get; }

    /// <summary>Where tensors are put that need memory of their own; null: libtorch's allocator. The caller owns it.</summary>
    public virtual WeightMemory? Memory { get; set; }

    /// <summary>
    /// A CPU tensor of the entry's shape in its stored dtype (fp32 where the file stores quantised blocks), owned by the caller and outside any
    /// dispose scope. It may look at the file's mapped memory: never write to it.
    /// </summary>
    public abstract Tensor Read(string name);

    /// <summary>The tensor as the quantised blocks of its file, owned by the caller; null where the file stores plain values.</summary>
    public virtual QuantizedTensor? ReadQuantized(string name) => null;

    /// <summary>
    /// The first bytes of a tensor's stored form, evenly sampled, for a fingerprint: <paramref name="samples"/> pieces of 16 bytes, no full read.
    /// </summary>
    public abstract byte[] Sample(string name, int samples);

    /// <summary>Says that the stored form of a tensor is not needed soon: the mapped pages of it may leave memory. They come back when they are read.</summary>
    public virtual void LetGo(string name) { }

    /// <summary>The entry, or an error that names it.</summary>
    public TensorEntry Entry(string name)
        => Entries.TryGetValue(name, out var entry) ? entry : throw SkTuningException.BadFile(Location, name, "not there", "a tensor of that name", "The checkpoint is incomplete or of another model.");

    public virtual void Dispose() { }
}
