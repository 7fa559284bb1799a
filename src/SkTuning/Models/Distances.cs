using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The part of DeBERTa's attention that the layers of one pass share.</summary>
/// <param name="Rows">The row of the embedding for each query and key, [1 or B, S, P+S] int64.</param>
/// <param name="Embeddings">The embeddings that occur, [R, D] in the compute dtype.</param>
internal sealed record Distances(Tensor Rows, Tensor Embeddings);

/// <summary>The embeddings of distances. Source: transformers, modeling_deberta_v2.py, build_relative_position.</summary>
internal sealed class DistanceEmbeddings : IDisposable
{
    private readonly DisentangledTrait _trait;
    private readonly Tensor _table;
    private readonly FrozenNorm? _norm;

    public DistanceEmbeddings(WeightReader weights, ModelConfig config, DisentangledTrait trait, WeightNames names)
    {
        _trait = trait;
        _table = weights.Exact(names.Distances + ".weight", 2L * trait.Span, config.Hidden);
        if (trait.Norm) _norm = FrozenNorm.Read(weights, config.Norm, names.DistanceNorm!, config.Hidden);
    }

    /// <summary>Returns the distances between queries and keys.</summary>
    /// <param name="queries">The positions of the queries, [1 or B, S].</param>
    /// <param name="keys">The positions of all keys, prefix first, [1 or B, P+S].</param>
    /// <param name="compute">The dtype of inner products.</param>
    public Distances Between(Tensor queries, Tensor keys, ScalarType compute)
    {
        var rows = RowsOf(queries, keys);
        // Every layer projects these rows, and a short text needs only a few of them. On a GPU, finding out which would mean waiting for it.
        var (first, last) = rows.device.type == TorchSharp.DeviceType.CPU ? (rows.min().item<long>(), rows.max().item<long>()) : (0, 2 * _trait.Span - 1);
        var reached = _table.narrow(0, first, last - first + 1);
        return new(rows - first.Kept(), (_norm?.Forward(reached) ?? reached).to_type(compute));
    }

    /// <summary>The embeddings of all distances, [2·Span, D] fp32, in the caller's scope.</summary>
    public Tensor All() => _norm?.Forward(_table) ?? _table;

    /// <summary>Returns the row of the embedding for each query and key, [1 or B, S, K].</summary>
    public Tensor RowsOf(Tensor queries, Tensor keys)
        => Bucket(queries.unsqueeze(2) - keys.unsqueeze(1)).Plus(_trait.Span.Kept()).clamp(0.Kept(), (2 * _trait.Span - 1).Kept());

    private Tensor Bucket(Tensor distance)
    {
        if (_trait.LogarithmicUpTo is not { } farthest) return distance;
        // Same operations in the same order and precision as the original: a rounding difference could select another row.
        var middle = _trait.Span / 2;
        var far = where(distance.abs() < middle.Kept(), Devices.Send(tensor((long)middle - 1), distance.device), distance.abs());
        var scale = Devices.Send(tensor((float)((farthest - 1) / (double)middle)), distance.device).log();
        var shared = ((far.to_type(ScalarType.Float32) / middle.Kept()).log() / scale * (middle - 1).Kept()).ceil().Plus(middle.Kept());
        return where(far <= middle.Kept(), distance, (shared * distance.sign()).to_type(ScalarType.Int64));
    }

    public void Dispose()
    {
        _table.Dispose();
        _norm?.Dispose();
    }
}
