using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models.Families;
using SkTuning.Models;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning;

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

    public override Tensor Readout(Tensor features, ParameterSet parameters)
    {
        if (_activation is not null) features = _activation(F.linear(features, parameters[DenseWeight], parameters[DenseBias]));
        return F.linear(features, parameters[Weight], _lastToken ? null : parameters[Bias]);
    }
}
