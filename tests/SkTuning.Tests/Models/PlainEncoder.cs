using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Models;

/// <summary>
/// A second implementation of BERT-like encoders for one row without padding, directly from the definition, one pair of tokens at a time. Families without a
/// fixture are compared with it.
/// </summary>
internal sealed class PlainEncoder(Dictionary<string, Tensor> weights, int heads, float epsilon)
{
    public Tensor this[string name] => weights[name];

    public Tensor Linear(Tensor x, string name) => F.linear(x, weights[name + ".weight"], weights.GetValueOrDefault(name + ".bias"));

    public Tensor Norm(Tensor x, string name) => F.layer_norm(x, [x.shape[^1]], weights[name + ".weight"], weights[name + ".bias"], epsilon);

    public Tensor Rows(string name, params long[] ids) => weights[name + ".weight"].index_select(0, tensor(ids));

    /// <summary>The sum of words, positions and, if the model has types, type 0.</summary>
    public Tensor Embed(long[] ids, long firstRow, bool types)
    {
        var x = Rows("embeddings.word_embeddings", ids) + Rows("embeddings.position_embeddings", [.. ids.Select((_, i) => firstRow + i)]);
        return types ? x + weights["embeddings.token_type_embeddings.weight"][0] : x;
    }

    /// <param name="x">[T,D].</param>
    /// <param name="q">The name of the projection of queries.</param>
    /// <param name="k">The name of the projection of keys.</param>
    /// <param name="v">The name of the projection of values.</param>
    /// <param name="scale">The scale of the product of query and key; null: 1/sqrt(Dh).</param>
    /// <param name="extra">The number to add to the score of (head, position of the query, position of the key), given query and key.</param>
    public Tensor Attend(Tensor x, string q, string k, string v, double? scale = null, Func<int, int, int, Tensor, Tensor, double>? extra = null)
    {
        var (length, size) = ((int)x.shape[0], (int)(weights[q + ".weight"].shape[0] / heads));
        var (queries, keys, values) = (Linear(x, q), Linear(x, k), Linear(x, v));
        var parts = new List<Tensor>();
        for (var h = 0; h < heads; h++)
        {
            var (qh, kh, vh) = (queries.narrow(1, h * size, size), keys.narrow(1, h * size, size), values.narrow(1, h * size, size));
            var added = new double[length * length];
            if (extra is not null)
                for (var i = 0; i < length; i++)
                    for (var j = 0; j < length; j++)
                        added[i * length + j] = extra(h, i, j, qh[i], kh[j]);
            var scores = qh.mm(kh.t()) * (scale ?? 1 / Math.Sqrt(size)) + tensor(added, [length, length]);
            parts.Add(scores.softmax(-1).to_type(ScalarType.Float32).mm(vh));
        }
        return cat(parts, 1);
    }

    public static double Dot(Tensor a, Tensor b) => (a.to_type(ScalarType.Float64) * b.to_type(ScalarType.Float64)).sum().item<double>();
}
