using SkTuning.Prompts;

namespace SkTuning.Heads;

/// <summary>What a head is created for.</summary>
/// <param name="Model">The frozen model.</param>
/// <param name="Task">The task.</param>
/// <param name="Labels">The labels, in the order of the scores.</param>
/// <param name="LabelWords">A word for each label; null if there are none.</param>
/// <param name="Template">The row template.</param>
/// <param name="Truncation">How texts that are too long are handled.</param>
/// <param name="Pooling">Which states the head sees.</param>
/// <param name="FrozenBy">The name of a tuning method that trains nothing, not even the head; null if the head is trained.</param>
internal sealed record HeadContext(
    FrozenModel Model, TaskKind Task, IReadOnlyList<string> Labels, IReadOnlyList<string>? LabelWords, RowTemplate Template,
    Truncation Truncation, Pooling Pooling, string? FrozenBy)
{
    /// <summary>The head is not trained.</summary>
    public bool IsFrozen => FrozenBy is not null;

    /// <summary>The reason why a head that must be trained cannot be used; null if it can.</summary>
    public string? FrozenRefusal
        => FrozenBy is null ? null : $"The method {FrozenBy} trains nothing: it needs the head label-words or likelihood, and a task with one label per text.";
}
