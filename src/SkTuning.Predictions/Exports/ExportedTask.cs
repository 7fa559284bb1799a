using SkTuning.Answers;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Decisions;
using SkTuning.Tasks;

namespace SkTuning.Exports;

/// <summary>Makes what turns scores into predictions from the settings of an exported adapter.</summary>
/// <param name="adapter">The adapter, with its tensors.</param>
/// <param name="file">Where its settings were read from, for messages.</param>
internal sealed class ExportedTask(ExportedAdapter adapter, string file)
{
    private const string NotFinite = "The scores of the text are not finite numbers: the exported model has weights that are not numbers, or too large ones. "
        + "Check the adapter with the library, and export it again.";

    private readonly LabelSet _labels = LabelSet.InOrder(adapter.Labels);

    public LabelSet Labels => _labels;

    /// <summary>Returns the decision of a task with one label for each text.</summary>
    /// <param name="tensorFile">The file of the tensors, for messages.</param>
    public ClassificationDecision Decision(string tensorFile)
    {
        RequireKeys("temperature", "sureFrom", SetSettings.Coverage, SetSettings.Threshold, SetSettings.Temperature, SetSettings.Rows, SetSettings.MaxChoices,
            RejectionStorage.Key);
        var decision = DecisionJson.Read(adapter.Settings, file);
        return decision.Rejection is not { } rule ? decision
            : decision with { Rejection = RejectionStorage.Complete(rule, name => Tensor(name, tensorFile), tensorFile) };
    }

    public SingleLabelAnswers SingleLabel(ClassificationDecision decision)
        => new(_labels, decision, adapter.Seed, adapter.Pairs) { NotFinite = NotFinite };

    /// <summary>Returns the thresholds of a task with several labels for each text.</summary>
    public MultiLabelDecision Thresholds()
    {
        RequireKeys("thresholds");
        return DecisionJson.ReadThresholds(adapter.Settings, _labels.Count, file) ?? MultiLabelDecision.Default(_labels.Count);
    }

    public MultiLabelAnswers MultiLabel(MultiLabelDecision decision) => new(_labels, decision, adapter.Pairs) { NotFinite = NotFinite };

    public RegressionAnswers Regression()
    {
        RequireKeys("mean", "deviation");
        return new(NumberScale.Read(adapter.Settings, file), adapter.Pairs) { NotFinite = NotFinite };
    }

    public OrdinalAnswers Ordinal()
    {
        RequireKeys("temperature", "levelOrder");
        return new(_labels, SettingsJson.Temperature(adapter.Settings, "temperature", file), adapter.Pairs) { NotFinite = NotFinite };
    }

    public TokenAnswers Tokens()
    {
        RequireKeys();
        return new(_labels) { NotFinite = NotFinite };
    }

    private TaskTensor Tensor(string name, string tensorFile)
        => adapter.Tensors.FirstOrDefault(t => t.Name == name)
            ?? throw SkTuningException.BadFile(tensorFile, name, "missing", "a tensor of the rejection rule");

    private void RequireKeys(params string[] known)
    {
        if (adapter.Settings.Select(p => p.Key).FirstOrDefault(k => !known.Contains(k)) is not { } other) return;
        throw SkTuningException.BadFile(file, $"settings.{other}", "an unknown key",
            known.Length == 0 ? $"no settings for the task {adapter.Task}" : $"one of {string.Join(", ", known)} for the task {adapter.Task}");
    }
}
