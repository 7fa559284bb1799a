using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.Ordinal;

/// <summary>One of several ordered levels for each row.</summary>
internal sealed class OrdinalTask : TextTask
{
    public const string TaskName = "ordinal";

    public override string Name => TaskName;

    internal override int MinLabels => 2;

    internal override bool ChoosesOneLabel => true;

    internal override bool HasLevels => true;

    internal override string ProblemType => "single_label_classification";

    internal override TaskSettings DefaultSettings => new OrdinalSettings();

    internal override Type AdapterType => typeof(OrdinalClassifier);

    public override AdapterOptions<Row> CreateOptions() => new OrdinalClassifierOptions();

    internal override string PythonPrediction(TaskSettings settings)
        => "print(labels[int((logits[0].softmax(-1).cumsum(-1) < 0.5).sum())], logits[0].softmax(-1).tolist())";

    internal override TaskSettings ReadSettings(JsonObject definition, int labels, string file) => OrdinalSettings.Read(definition, file);

    internal override TunedAdapter Open(AdapterModel adapter, AdapterDefinition? definition, TrainingReport? report)
        => new OrdinalClassifier(adapter, definition, report);

    internal override LabelSet LabelsOf(IReadOnlyList<Row> train) => LabelSet.InOrder(Levels.Of(train, null).Labels);

    internal override LabelSet LabelsOf(IReadOnlyList<Row> train, AdapterOptions<Row> options)
        => options.StartFrom is null && Given(options) is { } given ? LabelSet.InOrder(given) : LabelSet.Of(train);

    /// <summary>The order of an adapter that training continues from is known, so that of the rows may be ambiguous.</summary>
    internal override AdapterOptions<Row> Complete(AdapterOptions<Row> options, IReadOnlyList<Row> rows)
    {
        if (options.StartFrom is not null) return options;
        var levels = Levels.Of(rows, Given(options));
        return (OrdinalClassifierOptions)options with { Levels = levels.Labels, Order = levels.Order };
    }

    internal override void CheckLabels(LabelSet labels, AdapterOptions<Row> options)
    {
        if (labels.Count < 2)
            throw new SkTuningException($"The training rows have {(labels.Count == 0 ? "no level" : $"only one level, '{labels[0]}'")}, expected two or more.");
        // The levels of an adapter that training continues from are not those of its rows.
        if (Given(options) is { } given && !given.SequenceEqual(labels, StringComparer.Ordinal))
        {
            throw new SkTuningException($"OrdinalClassifierOptions.Levels is {Levels.Text(given)}, but the adapter in {options.StartFrom} has the levels "
                + $"{Levels.Text(labels)}: omit them. An adapter keeps its levels when training continues from it.");
        }
    }

    internal override IEnumerable<string> Warnings(AdapterDefinition definition, IReadOnlyList<Row> train)
    {
        if (((OrdinalSettings)definition.Task).Order == LevelOrder.Appearance)
        {
            yield return $"the levels have the order in which they first appear in the rows: {Levels.Text(definition.Labels)}. If they have another order, "
                + "specify it (OrdinalClassifierOptions.Levels).";
        }
        var missing = definition.Labels.Except(train.SelectMany(r => r.Labels), StringComparer.Ordinal).ToList();
        if (missing.Count > 0) yield return $"no training row has the level {string.Join(" or ", missing.Select(m => $"'{m}'"))}: it will not be predicted.";
    }

    internal override TaskSettings CreateSettings(IReadOnlyList<Row> train) => new OrdinalSettings(Levels.Of(train, null).Order);

    internal override TaskSettings CreateSettings(IReadOnlyList<Row> train, AdapterOptions<Row> options)
        => new OrdinalSettings(((OrdinalClassifierOptions)options).Order);

    internal override Objective CreateObjective(TaskSettings settings, LabelSet labels, double labelSmoothing) => new OrdinalObjective(labels, labelSmoothing);

    internal override EncodedRow Encode(AdapterModel adapter, Row row, string where)
        => EncodeText(adapter, row) with { Classes = [adapter.Labels.GetIndex(row.Label, where)] };

    internal override IReadOnlyList<EncodedRow> EncodeAll(AdapterModel adapter, IReadOnlyList<Row> rows, string where, CancellationToken cancellationToken)
    {
        adapter.Labels.IndicesOf(rows, where);
        return base.EncodeAll(adapter, rows, where, cancellationToken);
    }

    /// <summary>A head with a prior is less confident than it is right: few rows move it little.</summary>
    internal override bool Decides(AdapterOptions<Row> options, AdapterDefinition definition) => definition.Head.IsFittedExactly;

    internal override TaskSettings Decide(AdapterOptions<Row> options, AdapterDefinition definition, Tensor scores, IReadOnlyList<EncodedRow> rows)
        => ((OrdinalSettings)definition.Task) with { Temperature = LevelDistribution.FitTemperature([.. rows.Select(r => r.Classes[0])], Scores(scores)) };

    /// <summary>Returns the scores of each row in fp64.</summary>
    public static double[][] Scores(Tensor scores)
    {
        using var scope = NewDisposeScope();
        return [.. scores.to_type(ScalarType.Float64).data<double>().ToArray().Chunk((int)scores.shape[1])];
    }

    private protected override (IReadOnlyList<Row> Train, IReadOnlyList<Row> Dev, IReadOnlyList<int> HeldOut) HoldOut(IReadOnlyList<Row> rows,
        double fraction, ulong seed)
    {
        var split = Splits.Stratified(rows, fraction, seed);
        return (split.Train, split.HeldOut, split.HeldOutIndices);
    }

    private static IReadOnlyList<string>? Given(AdapterOptions<Row> options) => ((OrdinalClassifierOptions)options).Levels;
}
