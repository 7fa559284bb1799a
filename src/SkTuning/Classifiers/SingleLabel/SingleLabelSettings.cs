using System.Text.Json.Nodes;
using SkTuning.Decisions;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>What an adapter stores for one label per row.</summary>
internal sealed record SingleLabelSettings(ClassificationDecision Decision) : TaskSettings
{
    public override TaskKind Kind => TaskKinds.Get(SingleLabelTask.TaskName);

    public override TaskSettings Undecided => new SingleLabelSettings(new ClassificationDecision());

    public override void Write(JsonObject definition) => DecisionJson.Write(Decision, definition);

    public override IReadOnlyList<TaskTensor> Tensors => Decision.Rejection is { } rejection ? RejectionStorage.Tensors(rejection) : [];

    public override TaskSettings WithTensors(Func<string, TaskTensor> read, string file)
        => Decision.Rejection is { } rejection ? this with { Decision = Decision with { Rejection = RejectionStorage.Complete(rejection, read, file) } } : this;

    public override TaskSettings WithoutTensors
        => Tensors.Count == 0 ? this : this with { Decision = Decision with { Rejection = null } };

    public static SingleLabelSettings Read(JsonObject definition, string file) => new(DecisionJson.Read(definition, file));
}
