using SkTuning.Batches;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>The position of the answer in rows that have one answer each.</summary>
internal static class AnswerPositions
{
    /// <summary>Returns the given position in each row, or that of its last real token, [B,1] int64.</summary>
    public static Tensor Of(TokenBatch batch)
    {
        var (rows, width) = (batch.Ids.shape[0], batch.Ids.shape[1]);
        if (batch.AnswerPositions is { } given) return given.view(rows, 1) - Numbers.Range(0, rows, given.device).unsqueeze(1) * width.Kept();
        return Lengths(batch) - 1.Kept();
    }

    /// <summary>Returns the position of the first token of each row, [B,1] int64.</summary>
    public static Tensor First(TokenBatch batch) => zeros_like(batch.Ids.narrow(1, 0, 1));

    /// <summary>Returns the number of real tokens of each row, which precede the padding, [B,1] int64.</summary>
    public static Tensor Lengths(TokenBatch batch)
        => batch.Mask?.sum(1, keepdim: true) ?? full([batch.Ids.shape[0], 1], batch.Ids.shape[1].Kept(), ScalarType.Int64, batch.Ids.device);
}
