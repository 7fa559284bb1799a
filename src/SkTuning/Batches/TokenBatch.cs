using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>Rows of token ids as one rectangle, padded on the right to its longest row.</summary>
/// <param name="Ids">[B,T] int64.</param>
/// <param name="Mask">1 for text, 0 for padding, [B,T]; null: no padding.</param>
internal sealed record TokenBatch(Tensor Ids, Tensor? Mask) : IDisposable
{
    /// <summary>Token types [B,T]; null: all 0.</summary>
    public Tensor? TypeIds { get; init; }

    /// <summary>Tokens with an answer each, as indices into [B·T], row by row; null: one answer a row.</summary>
    public Tensor? Places { get; init; }

    /// <summary>Which sequences are windows of which row: what each counts in the mean over the row's, [rows, B]; null: every row is one sequence.</summary>
    public Tensor? Windows { get; init; }

    /// <summary>The rows' states at a layer from which a pass may start; null: it starts at the ids.</summary>
    public CachedStates? Kept { get; init; }

    /// <summary>Rows without answers.</summary>
    public static TokenBatch Of(IReadOnlyList<int[]> rows, Device device) => Of([.. rows.Select(r => new EncodedRow(r))], device);

    /// <summary>The tensors are owned by the batch, outside any dispose scope.</summary>
    public static TokenBatch Of(IReadOnlyList<EncodedRow> rows, Device device)
    {
        if (rows.Any(r => r.Windows is not null)) return Of([.. rows.SelectMany(r => r.Sequences)], device) with { Windows = WindowMeans.Weights(rows, device) };
        var width = rows.Max(r => r.Ids.Length);
        long[] shape = [rows.Count, width];
        return new(Filled(r => r.Ids), rows.Any(r => r.Ids.Length != width) ? Filled(r => [.. Enumerable.Repeat(1, r.Ids.Length)]) : null)
        {
            TypeIds = rows.Any(r => r.TypeIds is not null) ? Filled(r => r.TypeIds ?? []) : null,
            Places = rows.Any(r => r.Places is not null) ? Owned([.. rows.SelectMany((r, i) => (r.Places ?? []).Select(p => (long)i * width + p))], -1) : null,
        };

        Tensor Filled(Func<EncodedRow, int[]> values)
        {
            var all = new long[rows.Count * width];
            for (var r = 0; r < rows.Count; r++)
                foreach (var (t, value) in values(rows[r]).Index()) all[r * width + t] = value;
            return Owned(all, shape);
        }

        Tensor Owned(long[] values, params long[] size)
        {
            using var scope = NewDisposeScope();
            return Devices.Send(tensor(values), device).view(size).DetachFromDisposeScope();
        }
    }

    /// <summary>Scores of sequences to those of rows, the mean over a row's windows.</summary>
    public Tensor OfRows(Tensor scores) => Windows is null ? scores : Windows.mm(scores);

    public void Dispose()
    {
        Ids.Dispose();
        Mask?.Dispose();
        TypeIds?.Dispose();
        Places?.Dispose();
        Windows?.Dispose();
        Kept?.From.States.Dispose();
    }
}

/// <summary>States at a layer.</summary>
/// <param name="From">The layer and its input, [B,T,D].</param>
/// <param name="Ids">The very ids that they belong to: a batch with others has none.</param>
internal sealed record CachedStates(LayerStates From, Tensor Ids);
