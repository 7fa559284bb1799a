using SkTuning.Batches;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>Where rows answer that have one answer each.</summary>
internal static class AnswerPlaces
{
    /// <summary>The place given for each row, or its last real token, [B,1] int64.</summary>
    public static Tensor Of(TokenBatch batch)
    {
        var (rows, width) = (batch.Ids.shape[0], batch.Ids.shape[1]);
        if (batch.Places is { } places) return places.view(rows, 1) - Numbers.Range(0, rows, places.device).unsqueeze(1) * width.Kept();
        return Lengths(batch) - 1.Kept();
    }

    /// <summary>The first token of each row, [B,1] int64.</summary>
    public static Tensor First(TokenBatch batch) => zeros_like(batch.Ids.narrow(1, 0, 1));

    /// <summary>The real tokens of each row, which stand in front, [B,1] int64.</summary>
    public static Tensor Lengths(TokenBatch batch)
        => batch.Mask?.sum(1, keepdim: true) ?? full([batch.Ids.shape[0], 1], batch.Ids.shape[1].Kept(), ScalarType.Int64, batch.Ids.device);
}
