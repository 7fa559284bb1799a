using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>Runs passes without gradients over many rows, in batches of similar length, and returns the results in the rows' order.</summary>
internal static class BatchedPass
{
    /// <summary>The maximum number of rows of a batch.</summary>
    public const int MaxRows = 64;

    private const int MaxTokens = 8192;

    /// <summary>
    /// The maximum number of tokens of a batch for each thread of a CPU, and for all of them. Products are not faster with more tokens, and the values between
    /// them leave the caches.
    /// </summary>
    private const int TokensPerThread = 256, FewestTokens = 512;

    /// <summary>Returns the batches of rows that are one sequence each, longest rows first.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="memory">Limits the number of rows on a CPU by the memory that is left; null on other devices.</param>
    public static IEnumerable<int[]> Batches(IReadOnlyList<EncodedRow> rows, PassMemory? memory = null)
        => LengthBuckets.ByLength([.. rows.Select(r => r.Ids.Length)], MaxRows,
            memory is null ? MaxTokens : Math.Clamp(TokensPerThread * get_num_threads(), FewestTokens, MaxTokens), memory is null ? null : memory.RowsOf);

    /// <summary>Runs the batches in sequence. A batch that does not fit into the memory of the device is split, and so are all batches after it.</summary>
    public static void Run(IEnumerable<int[]> batches, Action<int[]> take, CancellationToken cancellationToken)
    {
        var maxRows = int.MaxValue;
        foreach (var batch in batches)
        {
            for (var done = 0; done < batch.Length;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var part = batch[done..(int)Math.Min(batch.Length, (long)done + maxRows)];
                try
                {
                    take(part);
                    done += part.Length;
                }
                catch (Exception e) when (Devices.IsOutOfMemory(e) && part.Length > 1) { maxRows = (part.Length + 1) / 2; }
            }
        }
    }

    /// <summary>
    /// Returns the pass's result for each answer, [M,..], in the order of the rows and of the answers in them. The results of a row's windows are averaged.
    /// </summary>
    /// <param name="rows">The rows, one or more.</param>
    /// <param name="device">The device of the model.</param>
    /// <param name="pass">Computes the results [k,..] of a batch with k answers.</param>
    /// <param name="to">The device that keeps the results.</param>
    /// <param name="makeBatch">Makes the batches, such as ones that start from cached states. The default is
    /// <see cref="TokenBatch.Of(IReadOnlyList{EncodedRow}, Device)"/>.</param>
    /// <param name="memory">Limits the number of rows of a batch; null: it is not limited.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public static Tensor Collect(IReadOnlyList<EncodedRow> rows, Device device, Func<TokenBatch, Tensor> pass, Device to,
        Func<IReadOnlyList<EncodedRow>, Device, TokenBatch>? makeBatch = null, PassMemory? memory = null, CancellationToken cancellationToken = default)
    {
        using var scope = NewDisposeScope();
        var results = OfSequences([.. rows.SelectMany(r => r.Sequences)], device, pass, to, makeBatch ?? TokenBatch.Of, memory, cancellationToken);
        return WindowMeans.OfRows(results, rows).MoveToOuterDisposeScope();
    }

    private static Tensor OfSequences(IReadOnlyList<EncodedRow> rows, Device device, Func<TokenBatch, Tensor> pass, Device to,
        Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch, PassMemory? memory, CancellationToken cancellationToken)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var starts = new long[rows.Count + 1];
        for (var r = 0; r < rows.Count; r++) starts[r + 1] = starts[r] + rows[r].Answers;
        Tensor? all = null;
        Run(Batches(rows, memory), chosen =>
        {
            using var inner = NewDisposeScope();
            using var batch = makeBatch([.. chosen.Select(r => rows[r])], device);
            var result = pass(batch).to(to);
            all ??= empty([starts[^1], .. result.shape[1..]], result.dtype, to).MoveToOuterDisposeScope();
            long[] indices = [.. chosen.SelectMany(r => Enumerable.Range(0, rows[r].Answers).Select(a => starts[r] + a))];
            all.index_copy_(0, tensor(indices, device: to), result);
        }, cancellationToken);
        return all!.MoveToOuterDisposeScope();
    }
}
