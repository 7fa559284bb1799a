using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Methods.PTuning;

/// <summary>z = network(embeddings), [n,E]. The shapes are those of PEFT's PromptEncoder.</summary>
internal sealed class PTuningMethod : TuningMethod
{
    private const string Embeddings = "embeddings";
    private const int LstmLayers = 2;

    private readonly PTuningOptions _options;
    private readonly long _inner;

    public PTuningMethod(PTuningOptions options, long width)
    {
        (_options, _inner) = (options, options.Width ?? width);
        ParameterSpec embeddings = new(Embeddings, [options.Tokens, width], ParameterStarts.Normal(1));
        Parameters = options.Network == PTuningNetwork.Mlp
            ?
            [
                embeddings,
                .. ParameterStarts.LinearSpecs("mlp.0", width, _inner),
                .. ParameterStarts.LinearSpecs("mlp.2", _inner, _inner),
                .. ParameterStarts.LinearSpecs("mlp.4", _inner, width),
            ]
            :
            [
                embeddings,
                .. Enumerable.Range(0, LstmLayers).SelectMany(l => ((bool[])[false, true]).SelectMany(back => Lstm(l, back, l == 0 ? width : 2 * _inner))),
                .. ParameterStarts.LinearSpecs("mlp.0", 2 * _inner, 2 * _inner),
                .. ParameterStarts.LinearSpecs("mlp.2", 2 * _inner, width),
            ];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => _options.Tokens;

    /// <summary>The vectors are not text: the text has its own BOS.</summary>
    public override bool HoldsStart => false;

    public override Injection Inject(ParameterSet parameters, bool training)
    {
        using var scope = NewDisposeScope();
        var x = parameters.Adapter(Embeddings);
        if (_options.Network == PTuningNetwork.Mlp) x = Apply("mlp.4", F.relu(Apply("mlp.2", F.relu(Apply("mlp.0", x)))));
        else
        {
            for (var l = 0; l < LstmLayers; l++) x = cat([Read(parameters, x, l, false), Read(parameters, x, l, true)], 1);     // [n,2h]
            x = Apply("mlp.2", F.relu(Apply("mlp.0", x)));
        }
        return new() { InputPrompt = x.unsqueeze(0).MoveToOuterDisposeScope() };

        Tensor Apply(string name, Tensor t) => F.linear(t, parameters.Adapter(name + ".weight"), parameters.Adapter(name + ".bias"));
    }

    /// <summary>
    /// Runs one direction of one LSTM layer over [n, in] and returns [n, h], in the order of the input. The gates are in
    /// torch's order: input, forget, cell, output.
    /// </summary>
    private Tensor Read(ParameterSet parameters, Tensor x, int layer, bool back)
    {
        var name = LstmName(layer, back);
        var given = F.linear(x, parameters.Adapter(name + ".input.weight"), parameters.Adapter(name + ".input.bias"));            // [n,4h]
        var states = new Tensor[x.shape[0]];
        Tensor hidden = zeros([1, _inner], x.dtype, x.device), cell = hidden;
        for (var s = 0; s < states.Length; s++)
        {
            var t = back ? states.Length - 1 - s : s;
            var gates = given.narrow(0, t, 1).Plus(F.linear(hidden, parameters.Adapter(name + ".state.weight"), parameters.Adapter(name + ".state.bias")))
                .chunk(4, 1);
            cell = (gates[1].sigmoid() * cell).Plus(gates[0].sigmoid() * gates[2].tanh());
            states[t] = hidden = gates[3].sigmoid() * cell.tanh();
        }
        return cat(states, 0);
    }

    private IEnumerable<ParameterSpec> Lstm(int layer, bool back, long inputs) =>
    [
        new(LstmName(layer, back) + ".input.weight", [4 * _inner, inputs], ParameterStarts.Linear(_inner)),
        new(LstmName(layer, back) + ".input.bias", [4 * _inner], ParameterStarts.Linear(_inner)),
        new(LstmName(layer, back) + ".state.weight", [4 * _inner, _inner], ParameterStarts.Linear(_inner)),
        new(LstmName(layer, back) + ".state.bias", [4 * _inner], ParameterStarts.Linear(_inner)),
    ];

    private static string LstmName(int layer, bool back) => $"lstm.{layer}.{(back ? "back" : "forth")}";
}
