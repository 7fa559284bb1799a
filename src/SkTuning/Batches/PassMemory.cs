using SkTuning.Models;
using SkTuning.Native;

namespace SkTuning.Batches;

/// <summary>
/// Limits how many rows go through a model at the same time without gradients, from the memory that is left. A GPU's allocator reports when it is full, and the
/// batch is then split; on a CPU the process would end.
/// </summary>
/// <param name="sizes">The sizes of the model.</param>
/// <param name="available">Returns the memory that is left, in bytes.</param>
internal sealed class PassMemory(ActivationMemory sizes, Func<long> available)
{
    /// <summary>Full batches that need less are not limited: where they do not fit, nothing does, and looking up the memory would take longer.</summary>
    private const long Negligible = 64L << 20;

    private const double UsableFraction = 0.6;                          // the rest is for results, other threads and low estimates

    private long? _left;

    /// <summary>Returns the limits of a model on a CPU; null on other devices.</summary>
    /// <param name="transformer">The model.</param>
    /// <param name="prefix">The number of positions before the text.</param>
    public static PassMemory? Of(Transformer transformer, long prefix)
        => transformer.Embeddings.Device.type != TorchSharp.DeviceType.CPU ? null
            : new(new(transformer.Config, transformer.ValueBytes, 0, prefix), MachineMemory.Available);

    /// <summary>Returns the number of rows of a length that fit at the same time, at least 1.</summary>
    public int RowsOf(int tokens)
    {
        var row = Math.Max(1, sizes.OfForward(tokens));
        if (row * BatchedPass.MaxRows <= Negligible) return BatchedPass.MaxRows;
        return (int)Math.Clamp(UsableFraction * (_left ??= available()) / row, 1, BatchedPass.MaxRows);
    }
}
