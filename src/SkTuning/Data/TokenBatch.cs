using static TorchSharp.torch;

namespace SkTuning.Data;

/// <summary>Rows of token ids as one rectangle, padded on the right to its longest row.</summary>
/// <param name="Ids">[B,T] int64.</param>
/// <param name="Mask">1 for text, 0 for padding, [B,T]; null: no padding.</param>
internal sealed record TokenBatch(Tensor Ids, Tensor? Mask) : IDisposable
{
    /// <summary>The tensors are owned by the batch, outside any dispose scope.</summary>
    public static TokenBatch Of(IReadOnlyList<int[]> rows, Device device)
    {
        var width = rows.Max(r => r.Length);
        var (ids, mask) = (new long[rows.Count * width], new long[rows.Count * width]);
        for (var r = 0; r < rows.Count; r++)
            for (var t = 0; t < rows[r].Length; t++)
                (ids[r * width + t], mask[r * width + t]) = (rows[r][t], 1);
        long[] shape = [rows.Count, width];
        var padded = rows.Any(r => r.Length != width);
        return new(tensor(ids, shape, device: device).DetachFromDisposeScope(), padded ? tensor(mask, shape, device: device).DetachFromDisposeScope() : null);
    }

    public void Dispose()
    {
        Ids.Dispose();
        Mask?.Dispose();
    }
}
