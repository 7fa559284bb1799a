using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Prompts;
using SkTuning.Tasks;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>One label for each row.</summary>
internal sealed class SingleLabelTask : TextTask
{
    public const string TaskName = First;

    /// <summary>If few rows are all predicted correctly, the most likely temperature is 0, which says nothing.</summary>
    private const double LowestTemperature = 0.1, HighestTemperature = 10;

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

    private protected override string Demonstrate(FrozenModel model, IReadOnlyList<Row> train, AdapterOptions<Row> options, LabelSet labels)
    {
        options.Method.Validate();
        RequireDemonstrable(model, options, HavePairs(train));
        var classes = labels.IndicesOf(train, "the training rows");
        var template = RowTemplate.Parse(options.Template);
        var chosen = Demonstrations.Choose(classes, options.Method.DemonstrationsPerLabel, options.Training.Seed);
        return Demonstrations.After(options.Prompt,
            chosen.Select(r => Demonstrations.Of(template, train[r].Text, train[r].Text2, Word(labels[classes[r]]))));

        string Word(string label) => options.LabelWords?.GetValueOrDefault(label) ?? label;
    }

    /// <summary>Refuses demonstrations where the model cannot read rows with their answers.</summary>
    internal static void RequireDemonstrable(FrozenModel model, AdapterOptions<Row> options, bool pairs)
    {
        if (!model.Config.Causal)
        {
            throw new SkTuningException($"{options.Method.Name}: demonstrations need a causal model, and {model.Config.Family} is an encoder: "
                + "set Demonstrations to 0.");
        }
        if (options.Truncation == Truncation.Windows)
        {
            throw new SkTuningException($"{options.Method.Name}: demonstrations are whole texts, and texts in windows are too long for them: "
                + "use Truncation.End.");
        }
        if (pairs && !RowTemplate.Parse(options.Template).HasText2)
            throw new SkTuningException($"{options.Method.Name}: demonstrations of pairs need a row template with {{text2}}, found '{options.Template}'.");
    }

    /// <summary>A head with a prior is less confident than it is right: few rows move it little.</summary>
    internal override bool Decides(AdapterOptions<Row> options, AdapterDefinition definition)
        => definition.Head.IsFittedExactly || CoverageOf(options) is not null;

    internal override TaskSettings Decide(AdapterOptions<Row> options, AdapterDefinition definition, Tensor scores, IReadOnlyList<EncodedRow> rows)
    {
        var decision = new ClassificationDecision { Temperature = definition.Head.IsFittedExactly ? TemperatureOf(scores, rows) : 1 };
        if (CoverageOf(options) is { } coverage)
            decision = decision with { Sets = SetCalibration.Of(coverage, scores, rows, decision.Temperature, definition.Seed) };
        return new SingleLabelSettings(decision);
    }

    internal override bool MustDecide(AdapterOptions<Row> options) => CoverageOf(options) is not null;

    internal override void CheckOptions(AdapterOptions<Row> options)
    {
        if (CoverageOf(options) is not { } coverage) return;
        OptionCheck.That(nameof(TextClassifierOptions), nameof(TextClassifierOptions.Coverage), coverage, PredictionSets.IsCoverage(coverage),
            "above 0, below 1");
    }

    internal override void CheckRows(AdapterOptions<Row> options, int train, int dev, bool isCrossValidated)
    {
        if (CoverageOf(options) is not { } coverage) return;
        if (dev == 0 && isCrossValidated) SetCalibration.Require(coverage, train, "training rows, or dev rows", "add rows");
        else SetCalibration.Require(coverage, dev, "dev rows", "add dev rows (TextClassifierOptions.Dev)");
    }

    private static double? CoverageOf(AdapterOptions<Row> options) => (options as TextClassifierOptions)?.Coverage;

    private static double TemperatureOf(Tensor scores, IReadOnlyList<EncodedRow> rows)
    {
        var logits = scores.to_type(ScalarType.Float64).data<double>().ToArray().Chunk((int)scores.shape[1]).ToArray();
        var fitted = TemperatureScaling.Fit([.. rows.Select(r => r.Classes[0])], logits).Temperature;
        return Math.Clamp(fitted, LowestTemperature, HighestTemperature);
    }

    internal override (IReadOnlyList<Row> Rows, AdapterOptions<Row> Options, IReadOnlyList<Row> Aside) SetAside(IReadOnlyList<Row> rows,
        AdapterOptions<Row> options)
    {
        if (options is not TextClassifierOptions { Rejection: { } rejection }) return (rows, options, []);
        rejection.Validate();
        var (inside, outside) = OutOfScopeRows.Divide(rows, rejection.OutOfScopeLabel);
        if (inside.Count == 0) throw new SkTuningException($"All training rows have the label '{rejection.OutOfScopeLabel}' and are out of scope.");
        var (dev, others) = options.Dev is { } given ? OutOfScopeRows.Divide(given, rejection.OutOfScopeLabel) : (null, []);
        return (inside, options with { Dev = dev }, [.. outside, .. others]);
    }

    internal override RejectionPlan? PlanRejection(AdapterOptions<Row> options, IReadOnlyList<Row> aside)
        => options is not TextClassifierOptions { Rejection: { } rejection } ? null
            : new(rejection, adapter => OutOfScopeRows.Encode(adapter, aside), settings => ((SingleLabelSettings)settings).Decision.Temperature,
                (settings, rule) => new SingleLabelSettings(((SingleLabelSettings)settings).Decision with { Rejection = rule }));

    private protected override (IReadOnlyList<Row> Train, IReadOnlyList<Row> Dev, IReadOnlyList<int> HeldOut) HoldOut(IReadOnlyList<Row> rows,
        double fraction, ulong seed)
    {
        var split = Splits.Stratified(rows, fraction, seed);
        return (split.Train, split.HeldOut, split.HeldOutIndices);
    }
}
