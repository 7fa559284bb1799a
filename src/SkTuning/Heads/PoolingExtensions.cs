using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>Computes poolings.</summary>
internal static class PoolingExtensions
{
    /// <summary>Pools the states of each text.</summary>
    /// <param name="pooling">The pooling.</param>
    /// <param name="states">The states, [B,T,D].</param>
    /// <param name="mask">1 for text, [B,T] int64; null if there is no padding.</param>
    /// <param name="query">The trained query of <see cref="Pooling.Attention"/>, [D]; null for its start value, zero.</param>
    /// <returns>The pooled states, [B,D].</returns>
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
        var positions = Numbers.Range(0, states.shape[1], states.device).unsqueeze(0);
        var rank = pooling == Pooling.Last ? positions.Plus(1.Kept()) : (-positions).Plus(states.shape[1].Kept());
        var at = (mask * rank).argmax(1, keepdim: true).unsqueeze(-1).expand(states.shape[0], 1, states.shape[2]);
        return states.gather(1, at).squeeze(1);
    }

    /// <summary>softmax(h·q / sqrt(D)) over the real tokens, times h.</summary>
    private static Tensor Attended(Tensor states, Tensor? mask, Tensor query)
    {
        const double Masked = -1e30;
        var scores = (states * query).sum(-1) / Math.Sqrt(states.shape[2]).Kept();
        if (mask is not null) scores = scores.masked_fill(mask.eq(0.Kept()), Masked.Kept());
        return (states * scores.softmax(-1).unsqueeze(-1)).sum(1);
    }
}
