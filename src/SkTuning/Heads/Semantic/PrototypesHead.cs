using System.Text.Json.Serialization;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.Semantic;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning;

/// <summary>
/// The options of a head that answers with the label whose training rows are most similar to the text: a label's score is the mean cosine of the text with all
/// of its rows, which is the product with one prototype, the mean of their features of unit length. It is computed from the rows before training and again from
/// the tuned states after it; no step trains it. It needs a task with one label per text.
/// </summary>
public sealed record PrototypesHeadOptions : HeadOptions
{
    /// <summary>
    /// The number that cosines are multiplied by, above 0, at most 1000. It changes probabilities, not which label is the most similar. The default is 10.
    /// </summary>
    [JsonPropertyName("cosineScale")]
    public double Scale { get; init; } = 10;

    /// <summary>
    /// Whether the feature of a text is the state at the mask token of an encoder's row template (after the transform of its masked-LM head, if it has one) and
    /// not the pooled states. The default is <see langword="false"/>.
    /// </summary>
    public bool AtMask { get; init; }

    internal override bool IsFittedExactly => true;

    internal override bool IgnoresDescriptions => true;

    internal override bool ReadsMask(ModelConfig config) => AtMask;

    internal override void Validate() => Check(nameof(Scale), Scale, Scale is > 0 and <= 1000, "above 0, at most 1000");

    internal override string? Refusal(HeadContext context)
    {
        var config = context.Model.Config;
        if (!context.Task.ChoosesOneLabel)
            return $"The head {Name} predicts one label per text and cannot be used for the task {context.Task.Name}: use the head linear.";
        if (context.Pooling == Pooling.Attention)
            return $"The head {Name} cannot train a pooling: use the pooling {Pooling.Mean}, {Pooling.Last} or {Pooling.First}.";
        if (AtMask && config.Causal)
            return $"The head {Name} reads a mask token (AtMask), which {config.Family}, a causal model, does not have: omit it, and use the pooling Last.";
        if (AtMask && !context.Template.HasMask)
        {
            return $"The head {Name} answers at the mask token, and the row template '{context.Template}' has no {{mask}}: use one such as "
                + "'{text} {mask}', or omit AtMask.";
        }
        return context.FrozenRefusal;
    }

    internal override Head Create(HeadContext context)
    {
        var (labels, model) = (context.Labels.Count, context.Model);
        return AtMask && model.Transformer.HasMaskedHead
            ? new PrototypesHead(labels, model.Transformer.Embeddings.Size, context.Pooling, standardizes: false, Scale, AtMask)
            : new PrototypesHead(labels, model.Config.StateSize, context.Pooling, model.Config.Causal, Scale, AtMask);
    }
}

/// <summary>score_c = scale · mean over the rows i of label c of cos(z, z_i).</summary>
/// <param name="labels">C.</param>
/// <param name="size">D.</param>
/// <param name="pooling">Which states the head sees, if not the mask's.</param>
/// <param name="standardizes">The states of a causal model are standardized first.</param>
/// <param name="scale">The factor of the cosines.</param>
/// <param name="atMask">The feature is the state at the mask.</param>
internal sealed class PrototypesHead(int labels, int size, Pooling pooling, bool standardizes, double scale, bool atMask)
    : FittedHead(size, pooling, standardizes, scale, new(Weight, [labels, size], ParameterStarts.Zero), new(Bias, [labels], ParameterStarts.Zero))
{
    /// <summary>Nothing is trained: the prototypes are computed.</summary>
    public override IReadOnlyList<ParameterSpec> Parameters => [];

    public override IReadOnlyList<ParameterSpec> Constants { get; }
        = [new(Weight, [labels, size], ParameterStarts.Zero), .. FeatureMap.Constants(standardizes, size)];

    /// <summary>The feature is the state at the mask.</summary>
    public bool AtMask => atMask;

    public override Tensor Features(ForwardPass pass, TokenBatch batch)
        => atMask ? pass.Transformer.WordFeatures(pass.Run(batch, r => r with { Outputs = AnswerPositions.Of(batch) }).Hidden.squeeze(1))
            : base.Features(pass, batch);

    public override Tensor Readout(Tensor features, ParameterSet parameters) => F.linear(Mapped(features, parameters), parameters[Weight].detach());

    private protected override void Fit(Tensor features, RidgeTargets targets, FeatureMap map, IReadOnlyList<Tensor> texts, ParameterSet parameters,
        CancellationToken cancellationToken)
    {
        // The prototype of a label without rows is zero: no text is similar to it.
        var counts = targets.Values.sum([0]).unsqueeze(1).clamp_min(double.Epsilon.Kept());
        parameters.Set(Weight, targets.Values.t().mm(features / Scale.Kept()) / counts);
    }
}
