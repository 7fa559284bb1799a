using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Prompts;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Methods.PrefixTuning;

/// <summary>The rows of PEFT's layout: W [n, 2L·Hkv·Dh], with keys before values in each layer; or W = out(tanh(in(embeddings))).</summary>
internal sealed class PrefixTuningMethod : TuningMethod
{
    public const string Embeddings = "embeddings";

    private readonly PrefixTuningOptions _options;
    private readonly ModelConfig _config;
    private readonly PromptEncoding _prompt;
    private readonly bool _projected, _fromText;

    public PrefixTuningMethod(PrefixTuningOptions options, ModelConfig config, PromptEncoding prompt)
    {
        if (!config.TakesPrefix)
            throw new SkTuningException($"prefix: models of the family {config.Family} cannot take a prefix of keys and values; prompt "
                + "works with every family.");
        (_options, _config, _prompt) = (options, config, prompt);
        (Length, _projected, _fromText) = (options.Length(prompt.Length), options.Projection is not null, options.Start == PrefixStart.Text);
        if (_fromText && options.Tokens > prompt.Length)
        {
            throw new SkTuningException($"{nameof(PrefixTuningOptions)}.{nameof(options.Tokens)} is {options.Tokens}, but the prompt has {prompt.Length} "
                + $"tokens: expected 1 to {prompt.Length} with a text start.");
        }
        var token = (long)config.Attention.KeyValueHeads * config.Attention.HeadSize;
        var width = 2 * config.Layers * token;
        if (options.Projection is { } inner)
            Parameters =
            [
                new(Embeddings, [Length, token], ParameterStarts.Normal(1)),
                .. ParameterStarts.LinearSpecs("in", token, inner),
                .. ParameterStarts.LinearSpecs("out", inner, width),
            ];
        else
        {
            Parameters = [new(Embeddings, [Length, width],
                _fromText ? ParameterStarts.Copy(() => Rows(prompt.KeyValues).narrow(0, 0, Length)) : ParameterStarts.Normal(1))];
        }
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length { get; }

    /// <summary>Only a prefix that starts as text, or imitates one, contains the BOS.</summary>
    public override bool HoldsStart => _fromText || _options.Distillation > 0;

    public override Distillation? Distillation => _options.Distillation == 0 ? null
        : new(_options.Distillation, _options.DistillationLoss, _options.DistillationOnly)
        {
            Length = _prompt.Length,
            Draws = _options.Dropout > 0,
            Teacher = batch => Hidden(Injection.OfPrefix(_prompt.KeyValues), batch, _prompt.Length, 0),
        };

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

    public override Injection ForRows(Injection injection, TokenBatch batch, ParameterSet parameters, bool training)
        => Hidden(injection, batch, Length, training ? _options.Dropout : 0);

    /// <summary>Hides the demonstration of each row from it, and random positions.</summary>
    private Injection Hidden(Injection injection, TokenBatch batch, int length, double dropout)
    {
        var find = _options is { Demonstrations: > 0, LeaveOneOut: true } ? OwnDemonstration : null;
        PromptPart?[] own = find is null ? [] : [.. batch.Rows.Select(find)];
        var isAny = own.Any(p => p is { } part && part.Start < length);
        if (!isAny && dropout == 0) return injection;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (rows, device) = (batch.Ids.shape[0], batch.Ids.device);
        Tensor? seen = null;
        if (isAny)
        {
            var mask = new long[rows * length];
            mask.AsSpan().Fill(1);
            foreach (var (row, found) in own.Index())
                if (found is { } part && part.Start < length)
                    mask.AsSpan((int)(row * length) + part.Start, Math.Min(part.Count, length - part.Start)).Clear();
            seen = Devices.Send(tensor(mask), device).view(rows, length);
        }
        if (dropout > 0)
        {
            var kept = rand([rows, length], device: device).ge(dropout.Kept()).to_type(ScalarType.Int64);
            kept.narrow(1, 0, 1).fill_(1.Kept());                       // attention without a first token is unlike any that the model has learned
            seen = seen is null ? kept : seen * kept;
        }
        return injection with { PrefixMask = seen!.MoveToOuterDisposeScope(), KeepsHiddenPositions = true };
    }

    /// <summary>Returns the keys and values of all layers as rows [n, 2L·Hkv·Dh].</summary>
    public static Tensor Rows(IReadOnlyList<LayerPrefix> layers)
    {
        using var scope = NewDisposeScope();
        var stacked = stack([.. layers.SelectMany(p => (Tensor[])[p.Keys[0], p.Values[0]])]);                    // [2L,Hkv,n,Dh]
        return stacked.permute(2, 0, 1, 3).reshape(stacked.shape[2], -1).MoveToOuterDisposeScope();
    }
}
