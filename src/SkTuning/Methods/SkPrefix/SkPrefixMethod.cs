using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Methods.SkPrefix;

/// <summary>
/// K'_l = K_l + dK_l(h_l), V'_l = V_l + dV_l(h_l), with (dK, dV) = up(gelu(down(layer_norm(h_l)))). The last factor starts at zero:
/// step 0 is the prompted model.
/// </summary>
internal sealed class SkPrefixMethod : TuningMethod
{
    private readonly SkPrefixOptions _options;
    private readonly ModelConfig _config;
    private readonly PromptEncoding _prompt;
    private readonly int _first;

    /// <summary>One for each layer, starting at <see cref="_first"/>; they may all be the same.</summary>
    private readonly Bottleneck[] _adapters;

    public SkPrefixMethod(SkPrefixOptions options, ModelConfig config, PromptEncoding prompt)
    {
        if (!config.TakesPrefix)
            throw new SkTuningException($"sk-prefix: models of the family {config.Family} cannot take a prefix of keys and values; sk-prompt "
                + "works with every family.");
        if (options.FirstLayer >= config.Layers)
            throw new SkTuningException($"SkPrefixOptions.FirstLayer is {options.FirstLayer}, expected less than the model's {config.Layers} layers.");
        if (options.LastLayers > config.Layers)
            throw new SkTuningException($"SkPrefixOptions.LastLayers is {options.LastLayers}, expected at most the model's {config.Layers} layers.");
        (_options, _config, _prompt) = (options, config, prompt);
        _first = options.LastLayers is { } last ? config.Layers - last : options.FirstLayer;
        var outputs = (options.ValuesOnly ? 1L : 2) * config.Attention.KeyValueHeads * config.Attention.HeadSize;
        _adapters = options.Shared
            ? [.. Enumerable.Repeat(Adapter(""), config.Layers - _first)]
            : [.. Enumerable.Range(_first, config.Layers - _first).Select(l => Adapter($"{l}."))];
        Parameters =
        [
            .. _adapters.Distinct().SelectMany(a => a.Parameters),
            .. options.Gate ? Enumerable.Range(_first, _adapters.Length).Select(l => new ParameterSpec(GateOf(l), [1], ParameterStarts.One)) : [],
        ];

        Bottleneck Adapter(string name) => new(name, config.Hidden, options.Bottleneck, outputs, fromZero: options.Residual);
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => _prompt.Length;

    public override Injection Inject(ParameterSet parameters, bool training)
        => Injection.OfPrefix([.. Enumerable.Range(0, _config.Layers)
            .Select(l => l < _first ? _prompt.KeyValues[l] : Layer(l, parameters, training ? _options.Dropout : 0))]);

    /// <summary>Returns one layer's prefix: keys and values, [1,Hkv,P,Dh] each.</summary>
    private LayerPrefix Layer(int l, ParameterSet parameters, double dropout)
    {
        using var scope = NewDisposeScope();
        var (heads, size, p) = (_config.Attention.KeyValueHeads, _config.Attention.HeadSize, _prompt.Length);
        var u = _adapters[l - _first].Forward(_prompt.Hidden[l], parameters, dropout);                                             // [P,(1|2)·Hkv·Dh]
        if (_options.Gate) u = u * parameters.Adapter(GateOf(l));
        u = u.view(p, _options.ValuesOnly ? 1 : 2, heads, size).permute(1, 2, 0, 3);                                               // [1|2,Hkv,P,Dh]
        var read = _prompt.KeyValues[l];
        var keys = _options.ValuesOnly ? read.Keys : Changed(read.Keys, u[0]).MoveToOuterDisposeScope();
        return new(keys, Changed(read.Values, u[-1]).MoveToOuterDisposeScope());
    }

    private Tensor Changed(Tensor read, Tensor change) => _options.Residual ? read.Plus(change.unsqueeze(0)) : change.unsqueeze(0);

    private static string GateOf(int layer) => $"{layer}.gate";
}
