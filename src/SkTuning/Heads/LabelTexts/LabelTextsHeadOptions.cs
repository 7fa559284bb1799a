using System.Text.Json.Serialization;
using SkTuning.Heads;
using SkTuning.Heads.LabelTexts;

namespace SkTuning;

/// <summary>
/// The options of a head that answers with the label whose texts (<see cref="AdapterOptions.LabelDescriptions"/>; its name where there are none) are nearest
/// to the text, as the tuned model reads both. In training, the labels' texts go through the model in every step. The head itself has nothing to train, and a
/// label can be added to the adapter by its texts alone (<see cref="TextClassifier.WithLabel"/>). It needs a task with one label per text.
/// </summary>
public sealed record LabelTextsHeadOptions : HeadOptions
{
    /// <summary>The number that similarities are divided by, from 0.001 to 100. The default is 0.1.</summary>
    [JsonPropertyName("cosineTemperature")]
    public double Temperature { get; init; } = 0.1;

    internal override bool ReadsDescriptions => true;

    internal override void Validate() => Check(nameof(Temperature), Temperature, Temperature is >= 0.001 and <= 100, "0.001 to 100");

    internal override string? Refusal(HeadContext context)
        => !context.Task.ChoosesOneLabel
            ? $"The head {Name} predicts one label per text and cannot be used for the task {context.Task.Name}: use the head "
                + (context.Task.AnswersPerWord ? "linear." : "semantic.")
            : context.Pooling == Pooling.Attention
                ? $"The head {Name} cannot train a pooling: use the pooling {Pooling.Mean}, {Pooling.Last} or {Pooling.First}."
            : context.FrozenRefusal;

    internal override Head Create(HeadContext context)
        => new LabelTextsHead(context.Labels.Count, context.Model.Config.StateSize, context.Pooling, context.Model.Config.Causal, Temperature);
}
