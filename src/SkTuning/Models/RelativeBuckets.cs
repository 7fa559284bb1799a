using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The bias of buckets of distances, similar to T5, as in MPNet. Source: transformers, modeling_mpnet.py, relative_position_bucket.</summary>
internal static class RelativeBuckets
{
    /// <param name="trait">The buckets.</param>
    /// <param name="table">The learned table, [rows, H].</param>
    /// <param name="queries">The positions of the queries, [1 or B, S].</param>
    /// <param name="keys">The positions of the keys, [1 or B, K].</param>
    /// <returns>[1 or B, H, S, K], fp32.</returns>
    public static Tensor Bias(RelativeBucketsTrait trait, Tensor table, Tensor queries, Tensor keys)
    {
        var back = queries.unsqueeze(2) - keys.unsqueeze(1);                                                    // above 0: the key is earlier
        var half = trait.Buckets / 2;
        var exact = half / 2;
        var distance = back.abs();
        // Same operations in the same order and precision as the original: a rounding difference could select another bucket.
        var far = (distance.to_type(ScalarType.Float32) / exact.Kept()).log() / Math.Log((double)trait.Farthest / exact).Kept() * (half - exact).Kept();
        var shared = far.clamp(0.Kept(), half.Kept()).to_type(ScalarType.Int64).Plus(exact.Kept()).clamp_max((half - 1).Kept());
        var bucket = where(distance < exact.Kept(), distance, shared).Plus((back < 0.Kept()).to_type(ScalarType.Int64) * half.Kept());
        return table.index_select(0, bucket.reshape(-1)).view([.. bucket.shape, table.shape[1]]).permute(0, 3, 1, 2);
    }
}
