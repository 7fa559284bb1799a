using System.Text.Json.Nodes;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>What an adapter stores for one label per row.</summary>
internal sealed record SingleLabelSettings(ClassificationDecision Decision) : TaskSettings
{
    private const string TemperatureKey = "temperature", ThresholdKey = "sureFrom";

    public override TaskKind Kind => TaskKinds.Get(SingleLabelTask.TaskName);

    public override TaskSettings Undecided => new SingleLabelSettings(new ClassificationDecision());

    public override void Write(JsonObject definition)
    {
        if (Decision.Temperature != 1) definition[TemperatureKey] = Decision.Temperature;
        if (Decision.ConfidenceThreshold != 0) definition[ThresholdKey] = Decision.ConfidenceThreshold;
        if (Decision.Sets is { } sets) SetSettings.Write(sets, definition);
        if (Decision.Rejection is { } rejection) definition[RejectionStorage.Key] = RejectionStorage.ToJson(rejection);
    }

    public override IReadOnlyList<TaskTensor> Tensors => Decision.Rejection is { } rejection ? RejectionStorage.Tensors(rejection) : [];

    public override TaskSettings WithTensors(Func<string, TaskTensor> read, string file)
        => Decision.Rejection is { } rejection ? this with { Decision = Decision with { Rejection = RejectionStorage.Complete(rejection, read, file) } } : this;

    public override TaskSettings WithoutTensors
        => Tensors.Count == 0 ? this : this with { Decision = Decision with { Rejection = null } };

    public static SingleLabelSettings Read(JsonObject definition, string file) => new(new ClassificationDecision
    {
        Temperature = ReadNumber(
            definition, TemperatureKey, file, t => t is > 0 and <= ClassificationDecision.MaxTemperature, "a number above 0, at most 1000") ?? 1,
        ConfidenceThreshold = ReadNumber(definition, ThresholdKey, file, t => t is >= 0 and <= 1, "a number from 0 to 1") ?? 0,
        Sets = SetSettings.Read(definition, (key, isValid, expected) => ReadNumber(definition, key, file, isValid, expected), file),
        Rejection = RejectionStorage.Read(definition, file),
    });
}
