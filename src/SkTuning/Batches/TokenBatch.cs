using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Batches;

/// <summary>The token ids of rows as one tensor, padded on the right to the longest row.</summary>
/// <param name="Ids">[B,T] int64.</param>
/// <param name="Mask">1 for text and 0 for padding, [B,T]; null if there is no padding.</param>
internal sealed record TokenBatch(Tensor Ids, Tensor? Mask) : IDisposable
{
    /// <summary>The token types, [B,T]; null if all are 0.</summary>
    public Tensor? TypeIds { get; init; }

    /// <summary>The tokens that have an answer each, as indices into [B·T], row by row; null if each row has one answer.</summary>
    public Tensor? AnswerPositions { get; init; }

    /// <summary>The weight of each sequence in the mean over the windows of each row, [rows, B]; null if every row is one sequence.</summary>
    public Tensor? Windows { get; init; }

    /// <summary>The states of the rows at a layer from which a pass can start; null if it starts with the token ids.</summary>
    public CachedStates? CachedStates { get; init; }

    /// <summary>The rows [B], each one sequence; empty if they are unknown.</summary>
    public IReadOnlyList<EncodedRow> Rows { get; init; } = [];

    /// <summary>Creates a batch of rows without answers.</summary>
    public static TokenBatch Of(IReadOnlyList<int[]> rows, Device device) => Of([.. rows.Select(r => new EncodedRow(r))], device);

    /// <summary>Creates a batch, which owns its tensors outside any dispose scope.</summary>
    public static TokenBatch Of(IReadOnlyList<EncodedRow> rows, Device device)
    {
        if (rows.Any(r => r.Windows is not null))
            return Of([.. rows.SelectMany(r => r.Sequences)], device) with { Windows = WindowMeans.Weights(rows, device) };
        var width = rows.Max(r => r.Ids.Length);
        long[] shape = [rows.Count, width];
        return new(Filled(r => r.Ids), rows.Any(r => r.Ids.Length != width) ? Filled(r => [.. Enumerable.Repeat(1, r.Ids.Length)]) : null)
        {
            Rows = rows,
            TypeIds = rows.Any(r => r.TypeIds is not null) ? Filled(r => r.TypeIds ?? []) : null,
            AnswerPositions = rows.Any(r => r.AnswerPositions is not null)
                ? Owned([.. rows.SelectMany((r, i) => (r.AnswerPositions ?? []).Select(p => (long)i * width + p))], -1) : null,
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

    /// <summary>Returns the scores of rows: the mean of the scores of each row's windows.</summary>
    public Tensor OfRows(Tensor scores) => Windows is null ? scores : Windows.mm(scores);

    public void Dispose()
    {
        Ids.Dispose();
        Mask?.Dispose();
        TypeIds?.Dispose();
        AnswerPositions?.Dispose();
        Windows?.Dispose();
        CachedStates?.From.States.Dispose();
    }
}
