using SkTuning.Native;
using SkTuning.Objectives;
using SkTuning.Tasks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning;

/// <summary>
/// The options of label anchors: a text becomes more similar to the texts of its own label (<see cref="AdapterOptions.LabelDescriptions"/>) than to those of
/// the other labels. The model that is tuned reads the labels' texts in every step. It needs the head semantic or label-texts.
/// </summary>
public sealed record LabelAnchorsObjectiveOptions : ObjectiveOptions
{
    /// <summary>The number that similarities are divided by, from 0.001 to 100. The default is 0.1.</summary>
    public double Temperature { get; init; } = 0.1;

    internal override bool ReadsLabelTexts => true;

    internal override void Validate()
    {
        base.Validate();
        Check(nameof(Temperature), Temperature, Temperature is >= 0.001 and <= 100, "0.001 to 100");
    }

    internal override Comparison Create() => new LabelAnchors(Temperature);
}

/// <summary>The task's cross-entropy, with label smoothing and class weights, of the cosines to the labels' texts divided by the temperature.</summary>
internal sealed class LabelAnchors(double temperature) : Comparison
{
    public override Tensor Loss(Tensor features, Tensor targets, Tensor? anchors, Objective task)
        => task.Loss(F.linear(Directions(features), Directions(anchors!)) / temperature.Kept(), targets);
}
