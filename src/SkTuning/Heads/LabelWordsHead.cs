using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning;

/// <summary>
/// The options of a linear layer that starts as the language model's own scores of one word for each label (<see cref="AdapterOptions.LabelWords"/>): at the
/// last token of a causal model, at the mask token of an encoder.
/// </summary>
public sealed record LabelWordsHeadOptions : HeadOptions
{
    internal override bool ScoresWords => true;

    internal override bool ReadsMask(ModelConfig config) => !config.Causal;

    internal override string? Refusal(HeadContext context)
    {
        if (LabelWordTokens.Refusal(Name, context) is { } reason) return reason;
        var (config, transformer) = (context.Model.Config, context.Model.Transformer);
        if (config.Causal)
            return transformer.HasHead ? null : $"The head {Name} needs an LM head, which this {config.Family} checkpoint does not have: use the head linear.";
        if (!transformer.HasMaskedHead)
            return $"The head {Name} needs a masked-LM head, which this {config.Family} checkpoint does not have: use the head linear.";
        return context.Template.HasMask ? null
            : $"The head {Name} of an encoder answers at its mask token, and the row template '{context.Template}' has no {{mask}}: "
                + "use one such as '{text} It was {mask}.'";
    }

    internal override Head Create(HeadContext context)
        => new LabelWordsHead(context.Model.Transformer, [.. LabelWordTokens.Of(context, single: true).Select(t => t[0])], context.IsFrozen);
}

/// <summary>
/// A linear layer that starts with the language model's own output rows of one token for each label, followed by the model's scale and cap: before the first
/// step, its scores are those of the model. A causal model answers at the last token, an encoder at its mask, after the frozen transform of its masked-LM head.
/// </summary>
internal sealed class LabelWordsHead : LinearHead
{
    private readonly Transformer _transformer;
    private readonly int[] _tokens;
    private readonly bool _frozen;

    /// <param name="transformer">The model, with an LM head or a masked-LM head.</param>
    /// <param name="tokens">The token of each label, [C].</param>
    /// <param name="frozen">True if the output rows are not trained and not part of the adapter.</param>
    public LabelWordsHead(Transformer transformer, int[] tokens, bool frozen)
        : base(
            Pooling.Last,
            new(Weight, [tokens.Length, transformer.Embeddings.Size], Weights(transformer, tokens)),
            new(Bias, [tokens.Length], Biases(transformer, tokens)))
        => (_transformer, _tokens, _frozen) = (transformer, tokens, frozen);

    public override IReadOnlyList<ParameterSpec> Parameters => _frozen ? [] : base.Parameters;

    public override bool StartMeansSomething => true;

    public override Tensor Features(ForwardPass pass, TokenBatch batch)
        => _transformer.WordFeatures(pass.Run(batch, r => r with { Outputs = AnswerPositions.Of(batch) }).Hidden.squeeze(1));

    public override Tensor Readout(Tensor features, ParameterSet parameters)
    {
        var (weight, bias) = Rows(parameters);
        return _transformer.WordScores(F.linear(features, weight, bias));
    }

    /// <summary>Returns the output rows of the labels' words and their biases, [C,E] and [C].</summary>
    public (Tensor Weight, Tensor? Bias) Rows(ParameterSet parameters)
        => _frozen ? Rows(_transformer, _tokens) : (parameters[Weight], parameters[Bias]);

    private static (Tensor Weight, Tensor? Bias) Rows(Transformer transformer, int[] tokens)
    {
        using var ids = tensor(tokens.Select(t => (long)t).ToArray(), device: transformer.Embeddings.Device);
        return transformer.WordRows(ids);
    }

    private static ParameterStart Weights(Transformer transformer, int[] tokens) => ParameterStarts.Copy(() => Rows(transformer, tokens).Weight);

    private static ParameterStart Biases(Transformer transformer, int[] tokens)
        => ParameterStarts.Copy(() => Rows(transformer, tokens).Bias ?? zeros(tokens.Length));
}
