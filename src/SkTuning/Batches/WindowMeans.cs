using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>Computes means over the windows in which rows are read.</summary>
internal static class WindowMeans
{
    private const int RowsPerChunk = 256;

    /// <summary>Returns the weight of each sequence in the mean of each row, [rows, sequences] fp32, owned by the caller.</summary>
    public static Tensor Weights(IReadOnlyList<EncodedRow> rows, Device device)
    {
        var sequences = rows.Sum(r => r.Sequences.Count);
        var weights = new float[rows.Count * sequences];
        for (int r = 0, at = 0; r < rows.Count; r++)
            for (var (count, w) = (rows[r].Sequences.Count, 0); w < count; w++, at++) weights[r * sequences + at] = 1f / count;
        using var scope = NewDisposeScope();
        return Devices.Send(tensor(weights), device).view(rows.Count, sequences).DetachFromDisposeScope();
    }

    /// <summary>Returns the values of rows, [rows, values] in the caller's scope, from those of all their sequences, [sequences, values].</summary>
    public static Tensor OfRows(Tensor values, IReadOnlyList<EncodedRow> rows)
    {
        if (rows.All(r => r.Windows is null)) return values;
        using var scope = NewDisposeScope();
        var (means, at) = (new List<Tensor>(), 0L);
        foreach (var chunk in rows.Chunk(RowsPerChunk))
        {
            using var weights = Weights(chunk, values.device);
            means.Add(weights.to_type(values.dtype).mm(values.narrow(0, at, weights.shape[1])));
            at += weights.shape[1];
        }
        return cat(means).MoveToOuterDisposeScope();
    }
}
