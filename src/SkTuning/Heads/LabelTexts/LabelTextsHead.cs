using SkTuning.Batches;
using SkTuning.Heads.Semantic;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Heads.LabelTexts;

/// <summary>scores_c = cos(z, a_c) / t: z is the mapped state of a text, and the anchor a_c that of label c's texts.</summary>
/// <param name="labels">C.</param>
/// <param name="hidden">D.</param>
/// <param name="pooling">Which states the head sees.</param>
/// <param name="standardizes">The states of a causal model are standardized first.</param>
/// <param name="temperature">t.</param>
internal sealed class LabelTextsHead(int labels, int hidden, Pooling pooling, bool standardizes, double temperature) : Head
{
    public const string Anchors = "head.anchors";

    /// <summary>The mean over the labels of the states of their texts, which takes the place of the center for texts of causal models.</summary>
    private const string LabelCenter = "head.label_center";

    private const string Accuracy = "head.label_accuracy";

    public override IReadOnlyList<ParameterSpec> Parameters => [];

    public override IReadOnlyList<ParameterSpec> Constants { get; } =
    [
        new(Anchors, [labels, hidden], ParameterStarts.Zero),
        .. FeatureMap.Constants(standardizes, hidden),
        .. (ParameterSpec[])(standardizes ? [new(LabelCenter, [hidden], ParameterStarts.Zero)] : []),
        new(Accuracy, [2], ParameterStarts.Zero),
    ];

    /// <summary>Which states the head sees.</summary>
    public Pooling Pooling => pooling;

    /// <summary>The number that cosines are multiplied by.</summary>
    public double CosineScale => 1 / temperature;

    public override Tensor Features(ForwardPass pass, TokenBatch batch) => PooledStates.Of(pass, batch, pooling);

    public override FeatureMap Map(ParameterSet parameters, Tensor states) => FeatureMap.Of(standardizes, parameters, states);

    public override Tensor Readout(Tensor features, ParameterSet parameters)
        => Scores(Map(parameters, features).Map(features), parameters[Anchors].detach());

    /// <summary>Returns scores [M,C].</summary>
    /// <param name="directions">Mapped features, [M,D].</param>
    /// <param name="anchors">The anchors, [C,D].</param>
    public Tensor Scores(Tensor directions, Tensor anchors) => F.linear(directions, anchors) / temperature.Kept();

    /// <summary>Computes the feature map from the states of the training rows, [M,D].</summary>
    public void Prepare(Tensor states, ParameterSet parameters)
    {
        if (standardizes) FeatureMap.Standardizing(states).Store(parameters);
    }

    /// <summary>Computes the anchors from the states of each label's texts, [n,D] fp64.</summary>
    public void Fit(IReadOnlyList<Tensor> texts, ParameterSet parameters)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        parameters.Set(Anchors, Map(parameters, texts[0]).Anchors(texts));
        if (standardizes) parameters.Set(LabelCenter, FeatureMap.MeanOf(texts));
    }

    /// <summary>Returns the anchor of a label that was not trained, [1,D], from the states of its texts, [n,D] fp64.</summary>
    public Tensor Anchor(Tensor texts, ParameterSet parameters)
        => Map(parameters, texts).Anchors([texts], standardizes ? parameters[LabelCenter].detach().to(texts.dtype, texts.device) : null);

    /// <summary>
    /// Gets the accuracy of the nearest label on training rows, the mean over the labels: before training, and after it.
    /// </summary>
    public static (double Untrained, double Trained) AccuracyOf(ParameterSet parameters)
    {
        using var scope = NewDisposeScope();
        var values = parameters[Accuracy].detach().to_type(ScalarType.Float64).cpu().data<double>().ToArray();
        return (values[0], values[1]);
    }

    /// <summary>Stores that accuracy.</summary>
    public static void SetAccuracy(ParameterSet parameters, double untrained, double trained)
    {
        using var scope = NewDisposeScope();
        parameters.Set(Accuracy, tensor((float[])[(float)untrained, (float)trained], device: parameters.Values.device));
    }
}
