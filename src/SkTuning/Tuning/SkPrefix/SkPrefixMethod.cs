using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Tuning.SkPrefix;

/// <summary>K'_l = K_l + dK_l(h_l), V'_l = V_l + dV_l(h_l), with (dK, dV) = up(gelu(down(layer_norm(h_l)))). The last factor starts at zero: step 0 is the zero-shot prompted model.</summary>
internal sealed class SkPrefixMethod : TuningMethod
{
    private readonly ModelConfig _config;
    private readonly PromptEncoding _prompt;
    private readonly double _dropout;
    private readonly Bottleneck[] _adapters;

    public SkPrefixMethod(SkPrefixOptions options, ModelConfig config, PromptEncoding prompt)
    {
        if (!config.TakesPrefix) throw new SkTuningException($"sk-prefix: models of the family {config.Family} take no prefix of keys and values.");
        (_config, _prompt, _dropout) = (config, prompt, options.Dropout);
        long r = options.Bottleneck, d = config.Hidden, kv = 2L * config.Attention.KeyValueHeads * config.Attention.HeadSize;
        _adapters = [.. Enumerable.Range(0, config.Layers).Select(l => new Bottleneck($"{l}.", d, r, kv))];
        Parameters = [.. _adapters.SelectMany(a => a.Parameters)];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => _prompt.Length;

    public override Injection Inject(ParameterSet parameters, bool training)
        => Injection.OfPrefix([.. Enumerable.Range(0, _config.Layers).Select(l => Layer(l, parameters, training ? _dropout : 0))]);

    /// <summary>One layer's prefix, [1,Hkv,P,Dh] each.</summary>
    private LayerPrefix Layer(int l, ParameterSet parameters, double dropout)
    {
        using var scope = NewDisposeScope();
        var (heads, size, p) = (_config.Attention.KeyValueHeads, _config.Attention.HeadSize, _prompt.Length);
        var u = _adapters[l].Forward(_prompt.Hidden[l], parameters, dropout).view(p, 2, heads, size).permute(1, 2, 0, 3);          // [2,Hkv,P,Dh]
        var read = _prompt.KeyValues[l];
        return new((read.Keys + u[0].unsqueeze(0)).MoveToOuterDisposeScope(), (read.Values + u[1].unsqueeze(0)).MoveToOuterDisposeScope());
    }
}
