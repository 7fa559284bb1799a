using SkTuning.Objectives;

namespace SkTuning;

/// <summary>
/// The options of the usual objective: the loss of the task and of the head. It is the cross-entropy of the labels; for several labels per text that of each
/// label, and for numbers the squared error.
/// </summary>
public sealed record CrossEntropyObjectiveOptions : ObjectiveOptions
{
    internal override void Validate()
        => Check(nameof(Weight), Weight, Weight is null, "null: an objective beside the cross-entropy has the weight, such as label-anchors");

    internal override string? Refusal(TaskKind task) => null;

    internal override Comparison? Create() => null;
}
