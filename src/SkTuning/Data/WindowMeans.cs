using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Data;

/// <summary>Means over the windows in which rows are read.</summary>
internal static class WindowMeans
{
    /// <summary>What each sequence counts in the mean of each row, [rows, sequences] fp32, owned by the caller.</summary>
    public static Tensor Weights(IReadOnlyList<EncodedRow> rows, Device device)
    {
        var sequences = rows.Sum(r => r.Sequences.Count);
        var weights = new float[rows.Count * sequences];
        for (int r = 0, at = 0; r < rows.Count; r++)
            for (var (count, w) = (rows[r].Sequences.Count, 0); w < count; w++, at++) weights[r * sequences + at] = 1f / count;
        using var scope = NewDisposeScope();
        return Devices.Send(tensor(weights), device).view(rows.Count, sequences).DetachFromDisposeScope();
    }

    /// <summary>Values of all sequences, [sequences,..], to those of rows, [rows,..], in the caller's scope: for many rows at once.</summary>
    public static Tensor OfRows(Tensor values, IReadOnlyList<EncodedRow> rows)
    {
        if (rows.All(r => r.Windows is null)) return values;
        using var scope = NewDisposeScope();
        long[] owners = [.. rows.SelectMany((r, i) => Enumerable.Repeat((long)i, r.Sequences.Count))];
        float[] counts = [.. rows.Select(r => (float)r.Sequences.Count)];
        var sums = zeros([rows.Count, .. values.shape[1..]], values.dtype, values.device).index_add_(0, tensor(owners, device: values.device), values, 1.Kept());
        return (sums / tensor(counts, device: values.device).view([rows.Count, .. Enumerable.Repeat(1L, values.shape.Length - 1)])).MoveToOuterDisposeScope();
    }
}
