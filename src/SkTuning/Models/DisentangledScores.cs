using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The scores of one layer between contents and distances. Source: transformers, modeling_deberta_v2.py, disentangled_attention_bias.</summary>
internal sealed class DisentangledScores : IDisposable
{
    private readonly FrozenLinear? _ownKey, _ownQuery;
    private readonly FrozenLinear? _key, _query;
    private readonly int _heads, _size;

    public DisentangledScores(
        WeightReader weights, ModelConfig config, DisentangledTrait trait, WeightNames names, string prefix, FrozenLinear query, FrozenLinear key)
    {
        (_heads, _size) = (config.Attention.Heads, config.Attention.HeadSize);
        var width = (long)_heads * _size;
        if (!trait.SharedProjections)
        {
            if (trait.ContentToPosition) _ownKey = FrozenLinear.Read(weights, prefix + names.DistanceKey, config.Hidden, width, bias: true);
            if (trait.PositionToContent) _ownQuery = FrozenLinear.Read(weights, prefix + names.DistanceQuery, config.Hidden, width, bias: true);
        }
        _key = trait.ContentToPosition ? _ownKey ?? key : null;
        _query = trait.PositionToContent ? _ownQuery ?? query : null;
    }

    /// <param name="q">The queries, [B,H,S,Dh].</param>
    /// <param name="k">The keys, [B,H,K,Dh], prefix first if the layer has one.</param>
    /// <param name="context">The context; its distances have rows for K keys, preceded by those of a prefix that this layer lacks.</param>
    /// <param name="scale">The scale of all scores.</param>
    /// <returns>[B,H,S,K].</returns>
    public Tensor Forward(Tensor q, Tensor k, LayerContext context, float scale)
    {
        var distances = context.Distances!;
        var keys = k.shape[2];
        var rows = distances.Rows.narrow(2, distances.Rows.shape[2] - keys, keys).unsqueeze(1);
        rows = rows.expand(q.shape[0], _heads, q.shape[2], keys);
        Tensor? sum = null;
        if (_key is not null) sum = Meet(q, Project(_key, _ownKey, LinearPart.Key)).gather(-1, rows);
        if (_query is not null)
        {
            var met = Meet(k, Project(_query, _ownQuery, LinearPart.Query)).gather(-1, rows.transpose(-1, -2)).transpose(-1, -2);
            sum = sum is null ? met : sum.Plus(met);
        }
        return sum! * scale.Kept();

        // If distances go through the projection of queries or keys, they get its change too.
        Tensor Project(FrozenLinear linear, FrozenLinear? own, LinearPart part)
            => own is null ? context.Apply(linear, part, distances.Embeddings) : own.Forward(distances.Embeddings, context.Replaced);
    }

    /// <summary>Returns the products of each content [B,H,N,Dh] with each distance [R, H·Dh], [B,H,N,R].</summary>
    private Tensor Meet(Tensor contents, Tensor distances)
    {
        var (rows, n) = (contents.shape[0], contents.shape[2]);
        var perHead = distances.view(distances.shape[0], _heads, _size).permute(1, 2, 0);                       // [H,Dh,R]
        return contents.transpose(0, 1).reshape(_heads, rows * n, _size).bmm(perHead).view(_heads, rows, n, distances.shape[0]).transpose(0, 1);
    }

    public void Dispose()
    {
        _ownKey?.Dispose();
        _ownQuery?.Dispose();
    }
}
