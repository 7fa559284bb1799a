using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Prompts;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Methods.PrefixTuning;

/// <summary>The rows of PEFT's layout: W [n, 2L·Hkv·Dh], with keys before values in each layer; or W = out(tanh(in(embeddings))).</summary>
internal sealed class PrefixTuningMethod : TuningMethod
{
    public const string Embeddings = "embeddings";

    private readonly ModelConfig _config;
    private readonly bool _projected, _fromText;

    public PrefixTuningMethod(PrefixTuningOptions options, ModelConfig config, PromptEncoding prompt)
    {
        if (!config.TakesPrefix)
            throw new SkTuningException($"prefix: models of the family {config.Family} cannot take a prefix of keys and values; prompt "
                + "works with every family.");
        (_config, Length, _projected, _fromText) = (config, options.Length(prompt.Length), options.Projection is not null, options.Start == PrefixStart.Text);
        var token = (long)config.Attention.KeyValueHeads * config.Attention.HeadSize;
        var width = 2 * config.Layers * token;
        if (options.Projection is { } inner)
            Parameters =
            [
                new(Embeddings, [Length, token], ParameterStarts.Normal(1)),
                .. ParameterStarts.LinearSpecs("in", token, inner),
                .. ParameterStarts.LinearSpecs("out", inner, width),
            ];
        else Parameters = [new(Embeddings, [Length, width], _fromText ? ParameterStarts.Copy(() => Rows(prompt.KeyValues)) : ParameterStarts.Normal(1))];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length { get; }

    /// <summary>Only a prefix that starts as text contains the BOS.</summary>
    public override bool HoldsStart => _fromText;

    public override Injection Inject(ParameterSet parameters, bool training)
    {
        using var scope = NewDisposeScope();
        var rows = parameters.Adapter(Embeddings);
        if (_projected) rows = Apply("out", Apply("in", rows).tanh());
        // [2L,1,Hkv,n,Dh]
        var layers = rows.view(1, Length, 2 * _config.Layers, _config.Attention.KeyValueHeads, _config.Attention.HeadSize).permute(2, 0, 3, 1, 4);
        return Injection.OfPrefix([.. Enumerable.Range(0, _config.Layers)
            .Select(l => new LayerPrefix(layers[2 * l].MoveToOuterDisposeScope(), layers[2 * l + 1].MoveToOuterDisposeScope()))]);

        Tensor Apply(string name, Tensor x) => F.linear(x, parameters.Adapter(name + ".weight"), parameters.Adapter(name + ".bias"));
    }

    /// <summary>Returns the keys and values of all layers as rows [n, 2L·Hkv·Dh].</summary>
    public static Tensor Rows(IReadOnlyList<LayerPrefix> layers)
    {
        using var scope = NewDisposeScope();
        var stacked = stack([.. layers.SelectMany(p => (Tensor[])[p.Keys[0], p.Values[0]])]);                    // [2L,Hkv,n,Dh]
        return stacked.permute(2, 0, 1, 3).reshape(stacked.shape[2], -1).MoveToOuterDisposeScope();
    }
}
