using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>
/// A memory of linear attention: a matrix M for each query head, to whose output φ(q)ᵀM is added. It does not compete with the text inside one softmax as a
/// prefix does, and it has no positions: queries and keys are those before rotary positions (PrefixMemory-Tuning, arXiv 2506.13674).
/// </summary>
internal static class AttentionMemory
{
    /// <summary>φ(x) = elu(x) + 1, which is above zero (arXiv 2006.16236).</summary>
    public static Tensor Features(Tensor x) => F.relu(x).Plus(x.clamp_max(0.Kept()).exp());

    /// <summary>
    /// Returns what one neutral query, with features of 1, would get from keys and values by linear attention, split by feature: Σ φ(k)vᵀ / Σ Σ φ(k).
    /// Its columns sum to the mean of the values, weighted by the features of their keys.
    /// </summary>
    /// <param name="keys">The keys before rotary positions, [1,Hkv,P,Dh].</param>
    /// <param name="values">The values, [1,Hkv,P,Dh].</param>
    /// <param name="heads">The number H of query heads. Those that share keys get the same matrix.</param>
    /// <returns>[H,Dh,Dh].</returns>
    public static Tensor Of(Tensor keys, Tensor values, int heads)
    {
        using var scope = NewDisposeScope();
        var (groups, size) = (keys.shape[1], keys.shape[3]);
        var features = Features(keys.squeeze(0));                                                               // [Hkv,P,Dh]
        var read = features.transpose(1, 2).bmm(values.squeeze(0)) / features.sum([1L, 2L], keepdim: true);     // [Hkv,Dh,Dh]
        return read.unsqueeze(1).expand(groups, heads / groups, size, size).reshape(heads, size, size).MoveToOuterDisposeScope();
    }

    /// <summary>Returns φ(q)ᵀM, [B,H,N,Dh].</summary>
    /// <param name="queries">The queries before rotary positions, [B,H,N,Dh].</param>
    /// <param name="memory">[1 or B, H, Dh, Dh].</param>
    public static Tensor Recall(Tensor queries, Tensor memory)
    {
        var (rows, heads, n, size) = (queries.size(0), queries.size(1), queries.size(2), queries.size(3));
        var (features, own) = (Features(queries), memory.to_type(queries.dtype));
        return own.size(0) == rows
            ? features.reshape(rows * heads, n, size).bmm(own.reshape(rows * heads, size, size)).view(rows, heads, n, size)
            : features.transpose(0, 1).reshape(heads, rows * n, size).bmm(own.squeeze(0)).view(heads, rows, n, size).transpose(0, 1);
    }
}
