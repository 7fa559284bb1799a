using SkTuning.Tasks;

namespace SkTuning.Classifiers.Tokens;

/// <summary>What an adapter stores for a tag per word: nothing.</summary>
internal sealed record TokenSettings : TaskSettings
{
    public override TaskKind Kind => TaskKinds.Get(TokenTask.TaskName);
}
