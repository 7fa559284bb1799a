using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning;

/// <summary>
/// The options of the classifier that Hugging Face's model classes have, which PEFT can store: the last token of a decoder without a bias; the first token of
/// an encoder through its pooler.
/// </summary>
public sealed record HuggingFaceHeadOptions : HeadOptions
{
    internal override bool IsTransformersHead(bool perWord) => !perWord;

    internal override string? Refusal(HeadContext context)
    {
        if (context.Task.AnswersPerWord) return $"The head {Name} has one answer per text and cannot be used for the task {context.Task.Name}: use the head linear, which is transformers' own there.";
        return context.FrozenRefusal;
    }

    internal override Head Create(HeadContext context) => new HuggingFaceHead(context.Model.Transformer, context.Labels.Count);
}

/// <summary>
/// The classifier of transformers' …ForSequenceClassification, which PEFT can express. Decoders: a linear without bias (score) on the last real token. BERT and
/// ALBERT: the first state through the checkpoint's own pooler and tanh, then a linear; RoBERTa and its like: the first state through a trained dense layer,
/// then a linear. Where vectors stand before the text's embeddings, an encoder's first state is that of the first vector, as transformers has it.
/// </summary>
internal sealed class HuggingFaceHead : Head
{
    public const string Weight = LinearHead.Weight, Bias = LinearHead.Bias, DenseWeight = "head.dense.weight", DenseBias = "head.dense.bias";

    private readonly bool _causal;
    private readonly (Tensor Weight, Tensor Bias)? _pooler;
    private readonly Func<Tensor, Tensor>? _activation;

    public HuggingFaceHead(Transformer transformer, int outputs)
    {
        var (config, size) = (transformer.Config, (long)transformer.Config.StateSize);
        _causal = config.Causal;
        var weight = new ParameterSpec(Weight, [outputs, size], ParameterStarts.Linear(size));
        var bias = new ParameterSpec(Bias, [outputs], ParameterStarts.Linear(size));
        if (_causal)
        {
            Parameters = [weight];
            return;
        }
        switch (config.Family)
        {
            case "bert" or "albert":
                _pooler = transformer.Pooler ?? throw new SkTuningException($"The head hf of {config.Family} models looks through the checkpoint's pooler, and this checkpoint has none: use the head linear.");
                Parameters = [weight, bias];
                break;
            case "roberta" or "xlm-roberta" or "mpnet" or "electra":
                _activation = config.Family == "electra" ? F.gelu : static x => x.tanh();
                Parameters = [new(DenseWeight, [size, size], ParameterStarts.Linear(size)), new(DenseBias, [size], ParameterStarts.Linear(size)), weight, bias];
                break;
            default:
                throw new SkTuningException($"The head hf is not implemented for {config.Family} models, expected a decoder, bert, albert, roberta, xlm-roberta, mpnet or electra: use the head linear.");
        }
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override Tensor Features(ForwardPass pass, TokenBatch batch)
    {
        if (_causal) return PooledStates.OfTokens(pass, batch, Pooling.Last);
        var first = pass.Injection.InputPrompt is null ? PooledStates.OfTokens(pass, batch, Pooling.First) : pass.Run(batch).Hidden.select(1, 0);
        return _pooler is { } pooler ? F.linear(first, pooler.Weight, pooler.Bias).tanh() : first;
    }

    public override Tensor Readout(Tensor features, ParameterSet parameters)
    {
        if (_activation is not null) features = _activation(F.linear(features, parameters[DenseWeight], parameters[DenseBias]));
        return F.linear(features, parameters[Weight], _causal ? null : parameters[Bias]);
    }
}
