using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>Which states of a text the head sees.</summary>
public enum Pooling
{
    /// <summary>The mean over the text's real tokens.</summary>
    Mean,

    /// <summary>The last real token.</summary>
    Last,

    /// <summary>The first real token: an encoder's CLS.</summary>
    First,

    /// <summary>A mean whose weights are a trained query's attention over the text's real tokens; it starts as the plain mean.</summary>
    Attention,
}

internal static class PoolingOf
{
    /// <param name="pooling">Which.</param>
    /// <param name="states">[B,T,D].</param>
    /// <param name="mask">1 for text, [B,T] int64; null: no padding.</param>
    /// <param name="query">The trained query [D] of <see cref="Pooling.Attention"/>; null: that of the start, zero.</param>
    /// <returns>[B,D].</returns>
    public static Tensor Pool(this Pooling pooling, Tensor states, Tensor? mask, Tensor? query = null)
    {
        if (pooling == Pooling.Attention && query is not null) return Attended(states, mask, query);
        if (pooling is Pooling.Mean or Pooling.Attention)
        {
            if (mask is null) return states.mean([1L]);
            var weights = mask.to_type(states.dtype).unsqueeze(-1);
            return (states * weights).sum(1) / weights.sum(1).clamp_min(1.Kept());
        }
        if (mask is null) return states.select(1, pooling == Pooling.First ? 0 : states.shape[1] - 1);
        var places = Numbers.Range(0, states.shape[1], states.device).unsqueeze(0);
        var rank = pooling == Pooling.Last ? places.Plus(1.Kept()) : (-places).Plus(states.shape[1].Kept());
        var at = (mask * rank).argmax(1, keepdim: true).unsqueeze(-1).expand(states.shape[0], 1, states.shape[2]);
        return states.gather(1, at).squeeze(1);
    }

    /// <summary>softmax(h·q / sqrt(D)) over the real tokens, times h.</summary>
    private static Tensor Attended(Tensor states, Tensor? mask, Tensor query)
    {
        const double Hidden = -1e30;
        var scores = (states * query).sum(-1) / Math.Sqrt(states.shape[2]).Kept();
        if (mask is not null) scores = scores.masked_fill(mask.eq(0.Kept()), Hidden.Kept());
        return (states * scores.softmax(-1).unsqueeze(-1)).sum(1);
    }
}
