using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.MultiLabel;

/// <summary>Any number of labels for each row.</summary>
internal sealed class MultiLabelTask : TextTask
{
    public const string TaskName = "multi-label";

    public override string Name => TaskName;

    internal override string ProblemType => "multi_label_classification";

    internal override TaskSettings DefaultSettings => new MultiLabelSettings();

    internal override Type AdapterType => typeof(MultiLabelClassifier);

    public override AdapterOptions<Row> CreateOptions() => new MultiLabelClassifierOptions();

    internal override string PythonPrediction(TaskSettings settings) => "print(dict(zip(labels, logits[0].sigmoid().tolist())))";

    internal override TaskSettings ReadSettings(JsonObject definition, int labels, string file) => MultiLabelSettings.Read(definition, labels, file);

    internal override TunedAdapter Open(AdapterModel adapter, AdapterDefinition? definition, TrainingReport? report)
        => new MultiLabelClassifier(adapter, definition, report);

    internal override LabelSet LabelsOf(IReadOnlyList<Row> train) => LabelSet.Of(train);

    internal override void CheckLabels(LabelSet labels)
    {
        if (labels.Count == 0) throw new SkTuningException("The training rows have no label at all, expected one or more.");
    }

    internal override TaskSettings CreateSettings(IReadOnlyList<Row> train) => DefaultSettings;

    internal override Objective CreateObjective(TaskSettings settings, LabelSet labels, double labelSmoothing) => new MultiLabelObjective();

    internal override EncodedRow Encode(AdapterModel adapter, Row row, string where)
    {
        var values = new double[adapter.Labels.Count];
        foreach (var label in row.Labels) values[adapter.Labels.GetIndex(label, where)] = 1;
        return EncodeText(adapter, row) with { Values = values };
    }

    internal override bool Decides(AdapterOptions<Row> options, AdapterDefinition definition)
        => options is MultiLabelClassifierOptions { TuneThresholds: true };

    internal override TaskSettings Decide(AdapterOptions<Row> options, AdapterDefinition definition, Tensor scores, IReadOnlyList<EncodedRow> rows)
        => new MultiLabelSettings(new(LabelThresholds.MaximizingF1(Truth(rows), MultiLabelObjective.Probabilities(scores))));

    /// <summary>Which labels each row has.</summary>
    public static bool[][] Truth(IReadOnlyList<EncodedRow> rows) => [.. rows.Select(r => r.Values.Select(v => v > 0.5).ToArray())];
}
