using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.LabelTexts;
using SkTuning.Heads.Ordinal;
using SkTuning.Methods.LayerMix;
using SkTuning.Methods.LTuning;
using SkTuning.Models;
using SkTuning.Onnx.Graphs;
using SkTuning.Onnx.Layers;
using static TorchSharp.torch;

namespace SkTuning.Onnx.Heads;

/// <summary>A linear over pooled states.</summary>
internal class LinearGraph : HeadGraph
{
    public override bool Knows(Head head) => head is LinearHead;

    public override Value Features(Head head, HeadInputs inputs)
    {
        var pooling = ((LinearHead)head).Pooling;
        return Pooled.Of(inputs, pooling, inputs.Model.States(), pooling == Pooling.Attention ? inputs.Tensor(LinearHead.Query) : null);
    }

    public override Value Scores(Head head, Value features, HeadInputs inputs) => inputs.Linear(LinearHead.Weight, LinearHead.Bias, features);
}

/// <summary>A linear over mapped states.</summary>
internal sealed class SemanticGraph : LinearGraph
{
    public override bool Knows(Head head) => head is SemanticHead;

    public override Value Scores(Head head, Value features, HeadInputs inputs)
        => base.Scores(head, FittedFeatures.Of((FittedHead)head, features, inputs), inputs);
}

/// <summary>Mean cosines with the rows of each label.</summary>
internal sealed class PrototypesGraph : LinearGraph
{
    public override bool Knows(Head head) => head is PrototypesHead;

    public override Value Features(Head head, HeadInputs inputs)
        => ((PrototypesHead)head).AtMask ? WordFeatures.Of(inputs) : base.Features(head, inputs);

    public override Value Scores(Head head, Value features, HeadInputs inputs)
        => inputs.Linear(LinearHead.Weight, null, FittedFeatures.Of((FittedHead)head, features, inputs));
}

/// <summary>The logarithms of the probabilities of levels.</summary>
internal sealed class OrdinalGraph : LinearGraph
{
    public override bool Knows(Head head) => head is OrdinalHead;

    public override Value Scores(Head head, Value features, HeadInputs inputs)
    {
        var (score, graph, weights) = (inputs.Linear(LinearHead.Weight, null, FittedFeatures.Of((FittedHead)head, features, inputs)), inputs.Graph,
            inputs.Model.Weights);
        var levels = inputs.Parameters[OrdinalHead.Cuts].shape[0] + 1;
        var cuts = weights.Adapter("head.cuts", () => CumulativeLink.Cuts(Parameters(), CumulativeLink.Gaps(Parameters())), [levels - 1], ["cuts"]);
        var distances = cuts - score;
        var between = weights.Adapter("head.gaps", () => CumulativeLink.BetweenCuts(CumulativeLink.Gaps(Parameters())), [levels], ["labels"]);
        var none = score * 0;
        return graph.Concat(1, LogSigmoid(distances), none) + graph.Concat(1, none, LogSigmoid(-distances)) + between;

        Tensor Parameters() => inputs.Parameters[OrdinalHead.Cuts].detach();
        Value LogSigmoid(Value x) => x.AtMost(graph.Number(0)) - ((-x.To("Abs")).To("Exp") + 1).To("Log");
    }
}

/// <summary>The features of heads that are fitted exactly.</summary>
internal static class FittedFeatures
{
    public static Value Of(FittedHead head, Value features, HeadInputs inputs)
    {
        using var like = zeros(1);
        return Pooled.Mapped(inputs, head.Map(inputs.Parameters, like), features) * inputs.Number("head.scale", head.Scale);
    }
}

/// <summary>Cosines with the labels' texts.</summary>
internal sealed class LabelTextsGraph : HeadGraph
{
    public override bool Knows(Head head) => head is LabelTextsHead;

    public override Value Features(Head head, HeadInputs inputs) => Pooled.Of(inputs, ((LabelTextsHead)head).Pooling, inputs.Model.States());

    public override Value Scores(Head head, Value features, HeadInputs inputs)
    {
        using var like = zeros(1);
        var mapped = Pooled.Mapped(inputs, head.Map(inputs.Parameters, like)!, features);
        return inputs.Linear(LabelTextsHead.Anchors, null, mapped) * inputs.Number("head.scale", ((LabelTextsHead)head).CosineScale);
    }
}

/// <summary>The state where a word is expected, after the transform of a masked-LM head where there is one.</summary>
internal static class WordFeatures
{
    public static Value Of(HeadInputs inputs)
    {
        var states = Pooled.Of(inputs, Pooling.Last, inputs.Model.States());
        if (inputs.Transformer.MaskedHead is not { } masked) return states;
        var (trait, names, weights) = (masked.Trait, masked.Names, inputs.Model.Weights);
        var width = inputs.Transformer.Embeddings.Size;
        var dense = weights.Linear(WeightReader.Root + names.Dense, inputs.Model.Config.Hidden, width, trait.DenseBias);
        var active = Activate.Of(trait.Activation, weights.Apply(dense, states, exact: true));
        return inputs.Model.Norms.Apply(trait.Norm, WeightReader.Root + names.Norm, active, width);
    }
}

/// <summary>Scores of label words.</summary>
internal sealed class LabelWordsGraph : HeadGraph
{
    public override bool Knows(Head head) => head is LabelWordsHead;

    public override Value Features(Head head, HeadInputs inputs) => WordFeatures.Of(inputs);

    public override Value Scores(Head head, Value features, HeadInputs inputs)
    {
        var (weight, bias) = ((LabelWordsHead)head).Rows(inputs.Parameters);
        var scores = inputs.Linear("head", features, () => weight, bias is null ? null : () => bias, weight.shape[1], weight.shape[0]);
        var trait = inputs.Model.Config.Head;
        if (trait.Scale != 1) scores *= trait.Scale;
        return trait.SoftCap is { } cap ? (scores / cap).To("Tanh") * cap : scores;
    }
}

/// <summary>The classifiers of transformers.</summary>
internal sealed class HuggingFaceGraph : HeadGraph
{
    public override bool Knows(Head head) => head is HuggingFaceHead;

    public override Value Features(Head head, HeadInputs inputs)
    {
        var (states, kind) = (inputs.Model.States(), inputs.Model.Config.Classifier.Sequence);
        if (kind == SequenceClassifier.LastToken) return Pooled.Of(inputs, Pooling.Last, states);
        var first = inputs.Model.Sequence.PromptLength is null ? Pooled.Of(inputs, Pooling.First, states) : inputs.Model.Hidden.Slice(1, 0, 1).Squeeze(1);
        if (kind != SequenceClassifier.Pooler) return first;
        var (size, pooler) = (inputs.Model.Config.StateSize, inputs.Transformer.Pooler!.Value);
        return inputs.Linear("pooler", first, () => pooler.Weight, () => pooler.Bias, size, size).To("Tanh");
    }

    public override Value Scores(Head head, Value features, HeadInputs inputs)
    {
        var classifier = inputs.Model.Config.Classifier;
        if (classifier.Sequence == SequenceClassifier.Dense)
            features = Activate.Of(classifier.DenseActivation, inputs.Linear(HuggingFaceHead.DenseWeight, HuggingFaceHead.DenseBias, features));
        return inputs.Linear(HuggingFaceHead.Weight, classifier.Sequence == SequenceClassifier.LastToken ? null : HuggingFaceHead.Bias, features);
    }
}

/// <summary>A weighted mean of the states of all layers. The features are already mixed: the weights are constants.</summary>
internal sealed class LayerMixGraph : HeadGraph
{
    public override bool Knows(Head head) => head is LayerMixHead;

    public override Value Features(Head head, HeadInputs inputs)
    {
        var mix = (LayerMixHead)head;
        inputs.Model.States();
        var weights = Weights(inputs.Parameters);
        Value? sum = null;
        foreach (var (l, tap) in inputs.Model.Taps.Index())
        {
            var states = Of(tap);
            if (mix.Normalizes) states = inputs.Model.Norms.Plain(states, inputs.Model.Config.Hidden, 1e-5f);
            states *= inputs.Number($"head.mix.{l}", weights[l]);
            sum = sum is { } others ? others + states : states;
        }
        return sum!.Value;

        Value Of(Value states) => Pooled.Of(inputs, mix.Pooling, states);
    }

    private static float[] Weights(ParameterSet parameters)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        return (parameters[LayerMixHead.Mix].softmax(0) * parameters[LayerMixHead.Gamma]).cpu().data<float>().ToArray();
    }

    public override Value Scores(Head head, Value features, HeadInputs inputs) => inputs.Linear(LinearHead.Weight, LinearHead.Bias, features);
}

/// <summary>One score for each label, after its own prefix: each text is read once for each label.</summary>
internal sealed class LTuningGraph : HeadGraph
{
    public override bool Knows(Head head) => head is LTuningHead;

    public override int Copies(Head head) => ((LTuningHead)head).FeaturesPerAnswer;

    public override Value Features(Head head, HeadInputs inputs) => Pooled.Of(inputs, ((LTuningHead)head).Pooling, inputs.Model.States());

    public override Value Scores(Head head, Value features, HeadInputs inputs)
        => inputs.Linear(LinearHead.Weight, LinearHead.Bias, features).Reshape(-1, Copies(head));
}
