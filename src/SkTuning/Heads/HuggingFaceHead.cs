using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.Semantic;
using SkTuning.Models;
using SkTuning.Models.Families;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning;

/// <summary>
/// The options of the classifier of Hugging Face's model classes, which PEFT can store: a decoder's last token without a bias, an encoder's first token through
/// its pooler.
/// </summary>
public sealed record HuggingFaceHeadOptions : HeadOptions
{
    internal override bool IsTransformersHead(bool perWord) => !perWord;

    internal override string? Refusal(HeadContext context)
    {
        if (!context.Task.AnswersPerWord) return context.FrozenRefusal;
        return $"The head {Name} has one answer per text and cannot be used for the task {context.Task.Name}: "
            + "use the head linear, which is the same as that of transformers for this task.";
    }

    internal override Head Create(HeadContext context) => new HuggingFaceHead(context.Model.Transformer, context.Labels.Count);
}

/// <summary>
/// The classifier of transformers' …ForSequenceClassification, which PEFT can express. Decoders: a linear layer without bias (score) on the last real token.
/// BERT and ALBERT: the first state through the checkpoint's own pooler and tanh, followed by a linear layer. RoBERTa and similar models: the first state
/// through a trained dense layer, followed by a linear layer. If vectors precede the text's embeddings, an encoder's first state is that of the first vector,
/// as in transformers.
/// </summary>
internal sealed class HuggingFaceHead : Head
{
    public const string Weight = LinearHead.Weight, Bias = LinearHead.Bias, DenseWeight = "head.dense.weight", DenseBias = "head.dense.bias";

    private readonly bool _lastToken;
    private readonly (Tensor Weight, Tensor Bias)? _pooler;
    private readonly Func<Tensor, Tensor>? _activation;

    public HuggingFaceHead(Transformer transformer, int outputs)
    {
        var (config, size) = (transformer.Config, (long)transformer.Config.StateSize);
        var weight = new ParameterSpec(Weight, [outputs, size], ParameterStarts.Linear(size));
        var bias = new ParameterSpec(Bias, [outputs], ParameterStarts.Linear(size));
        switch (config.Classifier.Sequence)
        {
            case SequenceClassifier.LastToken:
                _lastToken = true;
                Parameters = [weight];
                break;
            case SequenceClassifier.Pooler:
                _pooler = transformer.Pooler
                    ?? throw new SkTuningException($"The head hf of {config.Family} models needs the checkpoint's pooler, which this checkpoint does not have: "
                        + "use the head linear.");
                Parameters = [weight, bias];
                break;
            case SequenceClassifier.Dense:
                _activation = x => config.Classifier.DenseActivation.Of(x);
                Parameters = [new(DenseWeight, [size, size], ParameterStarts.Linear(size)), new(DenseBias, [size], ParameterStarts.Linear(size)), weight, bias];
                break;
            default:
                var supported = ModelFamily.NamesOf(f => f.Classifier.Sequence is not (null or SequenceClassifier.LastToken));
                throw new SkTuningException($"The head hf is not implemented for {config.Family} models, expected a decoder or one of "
                    + $"{string.Join(", ", supported)}: use the head linear.");
        }
    }

    public override IReadOnlyList<ParameterSpec> Parameters { get; }

    public override Tensor Features(ForwardPass pass, TokenBatch batch)
    {
        if (_lastToken) return PooledStates.OfTokens(pass, batch, Pooling.Last);
        var first = pass.Injection.InputPrompt is null ? PooledStates.OfTokens(pass, batch, Pooling.First) : pass.Run(batch).Hidden.select(1, 0);
        return _pooler is { } pooler ? F.linear(first, pooler.Weight, pooler.Bias).tanh() : first;
    }

    public override FeatureMap DistanceMap(ParameterSet parameters, Tensor states) => FeatureMap.Unit;

    public override Tensor Readout(Tensor features, ParameterSet parameters)
    {
        if (_activation is not null) features = _activation(F.linear(features, parameters[DenseWeight], parameters[DenseBias]));
        return F.linear(features, parameters[Weight], _lastToken ? null : parameters[Bias]);
    }
}
