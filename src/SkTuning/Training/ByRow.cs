using SkTuning.Data;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Passes without gradients over many rows, in batches of like length, their results back in the rows' order.</summary>
internal static class ByRow
{
    private const int MostRows = 64, MostTokens = 8192;

    /// <summary>The batches: longest rows first, each one sequence.</summary>
    public static IEnumerable<int[]> Batches(IReadOnlyList<EncodedRow> rows) => LengthBuckets.ByLength([.. rows.Select(r => r.Ids.Length)], MostRows, MostTokens);

    /// <summary>Takes the batches one after another; one that does not fit into the device's memory in parts, and so all behind it.</summary>
    public static void Take(IEnumerable<int[]> batches, Action<int[]> take, CancellationToken cancel)
    {
        var most = int.MaxValue;
        foreach (var batch in batches)
            for (var done = 0; done < batch.Length;)
            {
                cancel.ThrowIfCancellationRequested();
                var part = batch[done..(int)Math.Min(batch.Length, (long)done + most)];
                try
                {
                    take(part);
                    done += part.Length;
                }
                catch (Exception e) when (Devices.IsOutOfMemory(e) && part.Length > 1) { most = (part.Length + 1) / 2; }
            }
    }

    /// <summary>What a pass makes of each answer, [M,..], in the order of rows and of the answers in them; of a row in several windows their mean.</summary>
    /// <param name="rows">The rows, one or more.</param>
    /// <param name="device">The model's.</param>
    /// <param name="pass">A batch of k answers to [k,..].</param>
    /// <param name="to">Where the results are kept.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <param name="bottom">States from which passes may start.</param>
    public static Tensor Collect(IReadOnlyList<EncodedRow> rows, Device device, Func<TokenBatch, Tensor> pass, Device to, CancellationToken cancel = default, FrozenBottom? bottom = null)
    {
        using var scope = NewDisposeScope();
        return WindowMeans.OfRows(OfSequences([.. rows.SelectMany(r => r.Sequences)], device, pass, to, cancel, bottom), rows).MoveToOuterDisposeScope();
    }

    private static Tensor OfSequences(IReadOnlyList<EncodedRow> rows, Device device, Func<TokenBatch, Tensor> pass, Device to, CancellationToken cancel, FrozenBottom? bottom)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var starts = new long[rows.Count + 1];
        for (var r = 0; r < rows.Count; r++) starts[r + 1] = starts[r] + rows[r].Answers;
        Tensor? all = null;
        Take(Batches(rows), chosen =>
        {
            using var inner = NewDisposeScope();
            using var batch = FrozenBottom.Batch(bottom, [.. chosen.Select(r => rows[r])], device);
            var made = pass(batch).to(to);
            all ??= empty([starts[^1], .. made.shape[1..]], made.dtype, to).MoveToOuterDisposeScope();
            long[] places = [.. chosen.SelectMany(r => Enumerable.Range(0, rows[r].Answers).Select(a => starts[r] + a))];
            all.index_copy_(0, tensor(places, device: to), made);
        }, cancel);
        return all!.MoveToOuterDisposeScope();
    }
}
