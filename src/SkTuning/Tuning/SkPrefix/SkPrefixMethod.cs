using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tuning.SkPrefix;

/// <summary>K'_l = K_l + dK_l(h_l), V'_l = V_l + dV_l(h_l), with (dK, dV) = up(gelu(down(layer_norm(h_l)))). The last factor starts at zero: step 0 is the zero-shot prompted model.</summary>
internal sealed class SkPrefixMethod : TuningMethod
{
    private const double NormEpsilon = 1e-5;

    private readonly ModelConfig _config;
    private readonly PromptEncoding _prompt;

    public SkPrefixMethod(SkPrefixOptions options, ModelConfig config, PromptEncoding prompt)
    {
        if (!config.TakesPrefix) throw new SkTuningException($"sk-prefix: models of the family {config.Family} take no prefix of keys and values.");
        (_config, _prompt) = (config, prompt);
        long r = options.Bottleneck, d = config.Hidden, kv = 2L * config.Attention.KeyValueHeads * config.Attention.HeadSize;
        Parameters = [.. Enumerable.Range(0, config.Layers).SelectMany(l => (ParameterSpec[])
        [
            new($"{l}.down.weight", [r, d], ParameterStarts.Linear(d)),
            new($"{l}.down.bias", [r], ParameterStarts.Linear(d)),
            new($"{l}.up.weight", [kv, r], ParameterStarts.Zero),
            new($"{l}.up.bias", [kv], ParameterStarts.Zero),
        ])];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => _prompt.Length;

    public override Injection Inject(ParameterSet parameters)
        => Injection.OfPrefix([.. Enumerable.Range(0, _config.Layers).Select(l => Layer(l, parameters))]);

    /// <summary>One layer's prefix, [1,Hkv,P,Dh] each.</summary>
    private LayerPrefix Layer(int l, ParameterSet parameters)
    {
        using var scope = NewDisposeScope();
        var (heads, size, p) = (_config.Attention.KeyValueHeads, _config.Attention.HeadSize, _prompt.Length);
        var normed = F.layer_norm(_prompt.Hidden[l], [_config.Hidden], null, null, NormEpsilon);                                   // [P,D]
        var inner = F.gelu(F.linear(normed, Of("down.weight"), Of("down.bias")));                                                 // [P,r]
        var u = F.linear(inner, Of("up.weight"), Of("up.bias")).view(p, 2, heads, size).permute(1, 2, 0, 3);                      // [2,Hkv,P,Dh]
        var read = _prompt.KeyValues[l];
        return new((read.Keys + u[0].unsqueeze(0)).MoveToOuterDisposeScope(), (read.Values + u[1].unsqueeze(0)).MoveToOuterDisposeScope());

        Tensor Of(string name) => parameters[$"adapter.{l}.{name}"];
    }
}
