using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Models;

/// <summary>
/// Building blocks for a second implementation of a family, directly from its definition and head by head, for one row without padding. A weight is created
/// with random values when it is first used, so the forward pass itself determines the names and shapes in a checkpoint of the family.
/// </summary>
internal sealed class SecondOpinion(int heads, int groups, int size)
{
    private readonly Generator _random = new(7);
    private readonly Dictionary<string, Tensor> _weights = [];

    public int Heads => heads;
    public int Hidden { get; init; } = heads * size;
    public IReadOnlyList<(string, Tensor)> Weights => [.. _weights.Select(w => (w.Key, w.Value))];

    public Tensor Weight(string name, params long[] shape)
    {
        if (!_weights.TryGetValue(name, out var weight))
            _weights[name] = weight = name.EndsWith("norm.weight", StringComparison.Ordinal) || name.Contains("ln_") || name.Contains("layernorm")
                ? 0.3 * randn(shape, generator: _random) + 1 : 0.25 * randn(shape, generator: _random);
        return weight;
    }

    public Tensor Words(string name, Tensor ids, int? width = null) => Weight(name + ".weight", 50, width ?? Hidden)[ids];

    public Tensor Linear(Tensor x, string name, long outputs, bool bias)
    {
        var y = x.mm(Weight(name + ".weight", outputs, x.shape[1]).t());
        return bias ? y + Weight(name + ".bias", outputs) : y;
    }

    /// <summary>GPT-2's Conv1D.</summary>
    public Tensor Conv(Tensor x, string name, long outputs) => x.mm(Weight(name + ".weight", x.shape[1], outputs)) + Weight(name + ".bias", outputs);

    public Tensor Rms(Tensor x, string name, double epsilon = 1e-6)
        => x / (x.pow(2).mean([-1], keepdim: true) + epsilon).sqrt() * Weight(name + ".weight", x.shape[^1]);

    public Tensor Layer(Tensor x, string name, bool bias = true, double epsilon = 1e-5)
    {
        var y = Plain(x, epsilon) * Weight(name + ".weight", x.shape[^1]);
        return bias ? y + Weight(name + ".bias", x.shape[^1]) : y;
    }

    public static Tensor Plain(Tensor x, double epsilon = 1e-5)
    {
        var centred = x - x.mean([-1], keepdim: true);
        return centred / (centred.pow(2).mean([-1], keepdim: true) + epsilon).sqrt();
    }

    /// <summary>[S, n·Dh] as n tensors [S,Dh].</summary>
    public Tensor[] Split(Tensor x, int? count = null) => [.. Enumerable.Range(0, count ?? (int)(x.shape[1] / size)).Select(h => x.narrow(1, h * size, size))];

    /// <summary>Rotates the first values of a head by position · theta^(-2i/n): halves, or adjacent values.</summary>
    public static Tensor Turn(Tensor head, int turned, double theta = 10000, bool neighbours = false, Func<int, double>? frequency = null, double factor = 1)
    {
        var result = head.clone();
        for (var p = 0; p < head.shape[0]; p++)
            for (var i = 0; i < turned / 2; i++)
            {
                var (a, b) = neighbours ? (2 * i, 2 * i + 1) : (i, i + turned / 2);
                var angle = p * (frequency?.Invoke(i) ?? Math.Pow(theta, -2.0 * i / turned));
                var (x, y) = (head[p, a].item<float>(), head[p, b].item<float>());
                result[p, a] = (float)((x * Math.Cos(angle) - y * Math.Sin(angle)) * factor);
                result[p, b] = (float)((y * Math.Cos(angle) + x * Math.Sin(angle)) * factor);
            }
        return result;
    }

    /// <summary>Causal attention head by head: scores · scale + bias(head, key).</summary>
    public Tensor Attend(Tensor[] q, Tensor[] k, Tensor[] v, double? scale = null, int? window = null, Func<int, int, double>? bias = null, double? cap = null)
        => cat([.. Enumerable.Range(0, heads).Select(h =>
        {
            var g = h / (heads / groups);
            var scores = q[h].mm(k[g].t()) * (scale ?? 1 / Math.Sqrt(size));
            if (cap is { } c) scores = (scores / c).tanh() * c;
            var length = (int)scores.shape[0];
            for (var i = 0; i < length; i++)
                for (var j = 0; j < length; j++)
                    if (j > i || (window is { } w && i - j >= w)) scores[i, j] = float.NegativeInfinity;
                    else if (bias is not null) scores[i, j] = scores[i, j].item<float>() + (float)bias(h, j);
            return scores.softmax(-1).mm(v[g]);
        })], 1);

    public Tensor Gated(Tensor x, string name, int inner, bool bias = false)
        => Linear(F.silu(Linear(x, name + ".gate_proj", inner, bias)) * Linear(x, name + ".up_proj", inner, bias), name + ".down_proj", Hidden, bias);

    /// <summary>The slopes of the ALiBi paper for any number of heads.</summary>
    public double Slope(int head)
    {
        var lower = 1;
        while (2 * lower <= heads) lower *= 2;
        return head < lower ? Math.Pow(2, -8.0 * (head + 1) / lower) : Math.Pow(2, -4.0 * (2 * (head - lower) + 1) / lower);
    }
}
