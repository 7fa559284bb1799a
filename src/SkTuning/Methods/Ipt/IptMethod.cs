using SkTuning.Batches;
using SkTuning.Methods.PrefixTuning;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Prompts;
using static TorchSharp.torch;

namespace SkTuning.Methods.Ipt;

/// <summary>
/// A prefix whose keys and values of the first layer depend on the text: K'_i = K_i + scale · dK(x_i), V'_i = V_i + scale · dV(x_i) for its token x_i at
/// position i. Positions after the end of the text keep the prefix. (dK, dV) starts at zero: step 0 is prefix tuning.
/// </summary>
internal sealed class IptMethod : TuningMethod
{
    private const string Table = "table";

    private readonly IptOptions _options;
    private readonly ModelConfig _config;
    private readonly PromptEncoding _prompt;
    private readonly PrefixTuningMethod _prefix;
    private readonly Bottleneck? _encoder;

    public IptMethod(IptOptions options, ModelConfig config, PromptEncoding prompt)
    {
        if (!config.TakesPrefix)
            throw new SkTuningException($"ipt: models of the family {config.Family} cannot take a prefix of keys and values; prompt works with every family.");
        if (options.Start == PrefixStart.Text && options.Tokens > prompt.Length)
            throw new SkTuningException($"{nameof(IptOptions)}.{nameof(options.Tokens)} is {options.Tokens}, but the prompt has {prompt.Length} tokens: "
                + $"expected 1 to {prompt.Length} with a text start.");
        (_options, _config, _prompt, _prefix) = (options, config, prompt, new(options.Prefix, config, prompt));
        var width = 2L * config.Attention.KeyValueHeads * config.Attention.HeadSize;
        if (options.Form == IptForm.Encoder) _encoder = new("encoder.", prompt.Reader.Embeddings.Size, options.Bottleneck, width);
        Parameters =
        [
            .. options.TrainsPrefix ? _prefix.Parameters : [],
            .. _encoder?.Parameters ?? [new(Table, [options.TableRows, width], ParameterStarts.Zero)],
        ];
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override int Length => _prefix.Length;

    public override bool HoldsStart => _prefix.HoldsStart;

    public override bool ReadsText => true;

    public override Injection Inject(ParameterSet parameters, bool training) => _options.TrainsPrefix ? _prefix.Inject(parameters, training)
        : Injection.OfPrefix([.. _prompt.KeyValues.Select(p => new LayerPrefix(p.Keys.narrow(2, 0, Length), p.Values.narrow(2, 0, Length)))]);

    public override Injection ForRows(Injection injection, TokenBatch batch, ParameterSet parameters, bool training)
    {
        using var scope = NewDisposeScope();
        var vectors = Vectors(batch, parameters).permute(2, 0, 3, 1, 4);                                                            // [2,B,Hkv,n,Dh]
        var first = injection.Prefix![0]!;
        LayerPrefix changed = new(first.Keys.Plus(vectors[0]).MoveToOuterDisposeScope(), first.Values.Plus(vectors[1]).MoveToOuterDisposeScope());
        return injection with { Prefix = [changed, .. injection.Prefix.Skip(1)] };
    }

    /// <summary>Returns what is added at each position, [B,n,2,Hkv,Dh].</summary>
    private Tensor Vectors(TokenBatch batch, ParameterSet parameters)
    {
        var (rows, read) = (batch.Ids.shape[0], Math.Min(Length, batch.Ids.shape[1]));
        var real = Own(batch);
        var ids = (_options.Ids == IptIds.Own ? batch.Ids : TokenIds.Moved(batch.Ids, real, _config.Vocabulary)).narrow(1, 0, read).reshape(-1);
        var vectors = _encoder is null ? parameters.Adapter(Table).index_select(0, TokenIds.Hashed(ids, _options.TableRows))
            : _encoder.Forward(_prompt.Reader.Embeddings.Word(ids), parameters, dropout: 0);
        vectors = vectors.view(rows, read, -1) * real.narrow(1, 0, read).unsqueeze(-1).to_type(vectors.dtype) * _options.Scale.Kept();
        if (read < Length) vectors = cat([vectors, zeros([rows, Length - read, vectors.shape[2]], vectors.dtype, vectors.device)], 1);
        return vectors.view(rows, Length, 2, _config.Attention.KeyValueHeads, _config.Attention.HeadSize);
    }

    /// <summary>Returns 1 for the tokens of each row and 0 for padding and for what a head adds to a row, such as an answer, [B,T].</summary>
    private static Tensor Own(TokenBatch batch)
    {
        var (rows, width, device) = (batch.Ids.shape[0], batch.Ids.shape[1], batch.Ids.device);
        if (batch.Rows.Count != rows) return batch.Mask ?? ones_like(batch.Ids);
        var lengths = Devices.Send(tensor(batch.Rows.Select(r => (long)r.Ids.Length).ToArray()), device).unsqueeze(1);
        return Numbers.Range(0, width, device).lt(lengths).to_type(ScalarType.Int64);
    }
}
