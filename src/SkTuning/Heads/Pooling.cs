using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>Which states of a text the head sees.</summary>
public enum Pooling
{
    /// <summary>The mean over the text's real tokens.</summary>
    Mean,

    /// <summary>The last real token.</summary>
    Last,

    /// <summary>The first real token: an encoder's CLS.</summary>
    First,
}

internal static class PoolingOf
{
    /// <param name="pooling">Which.</param>
    /// <param name="states">[B,T,D].</param>
    /// <param name="mask">1 for text, [B,T] int64; null: no padding.</param>
    /// <returns>[B,D].</returns>
    public static Tensor Pool(this Pooling pooling, Tensor states, Tensor? mask)
    {
        if (pooling == Pooling.Mean)
        {
            if (mask is null) return states.mean([1L]);
            var weights = mask.to_type(states.dtype).unsqueeze(-1);
            return (states * weights).sum(1) / weights.sum(1).clamp_min(1);
        }
        if (mask is null) return states.select(1, pooling == Pooling.First ? 0 : states.shape[1] - 1);
        var places = arange(states.shape[1], dtype: ScalarType.Int64, device: states.device).unsqueeze(0);
        var rank = pooling == Pooling.Last ? places + 1 : states.shape[1] - places;
        var at = (mask * rank).argmax(1, keepdim: true).unsqueeze(-1).expand(states.shape[0], 1, states.shape[2]);
        return states.gather(1, at).squeeze(1);
    }
}
