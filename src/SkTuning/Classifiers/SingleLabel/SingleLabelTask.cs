using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>One label for each row.</summary>
internal sealed class SingleLabelTask : TextTask
{
    public const string TaskName = First;

    public override string Name => TaskName;

    internal override int MinLabels => 2;

    internal override bool ChoosesOneLabel => true;

    internal override string ProblemType => "single_label_classification";

    public static TaskSettings Untrained => new SingleLabelSettings(new ClassificationDecision());

    internal override TaskSettings DefaultSettings => Untrained;

    internal override Type AdapterType => typeof(TextClassifier);

    public override AdapterOptions<Row> CreateOptions() => new TextClassifierOptions();

    internal override string PythonPrediction(TaskSettings settings) => "print(labels[logits[0].argmax()], logits[0].softmax(-1).tolist())";

    internal override TaskSettings ReadSettings(JsonObject definition, int labels, string file) => SingleLabelSettings.Read(definition, file);

    internal override TunedAdapter Open(AdapterModel adapter, AdapterDefinition? definition, TrainingReport? report)
        => new TextClassifier(adapter, definition, report);

    internal override LabelSet LabelsOf(IReadOnlyList<Row> train) => LabelSet.Of(train);

    internal override void CheckLabels(LabelSet labels)
    {
        if (labels.Count < 2)
            throw new SkTuningException($"The training rows have {(labels.Count == 0 ? "no label" : $"only one label, '{labels[0]}'")}, expected two or more.");
    }

    internal override TaskSettings CreateSettings(IReadOnlyList<Row> train) => DefaultSettings;

    internal override Objective CreateObjective(TaskSettings settings, LabelSet labels, double labelSmoothing)
        => new SingleLabelObjective(labels, labelSmoothing);

    internal override EncodedRow Encode(AdapterModel adapter, Row row, string where)
        => EncodeText(adapter, row) with { Classes = [adapter.Labels.GetIndex(row.Label, where)] };

    internal override IReadOnlyList<EncodedRow> EncodeAll(AdapterModel adapter, IReadOnlyList<Row> rows, string where,
        CancellationToken cancellationToken)
    {
        adapter.Labels.IndicesOf(rows, where);
        return base.EncodeAll(adapter, rows, where, cancellationToken);
    }

    private protected override (IReadOnlyList<Row> Train, IReadOnlyList<Row> Dev, IReadOnlyList<int> HeldOut) HoldOut(IReadOnlyList<Row> rows,
        TrainingOptions options)
    {
        var split = Splits.Stratified(rows, options.DevFraction, options.Seed);
        return (split.Train, split.HeldOut, split.HeldOutIndices);
    }
}
