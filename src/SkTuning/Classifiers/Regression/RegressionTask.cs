using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Tasks;

namespace SkTuning.Classifiers.Regression;

/// <summary>One number for each row.</summary>
internal sealed class RegressionTask : TextTask
{
    public const string TaskName = "regression";
    private const string Output = "value";

    public override string Name => TaskName;

    internal override string ProblemType => "regression";

    internal override IReadOnlyList<string> FixedLabels => [Output];

    internal override TaskSettings DefaultSettings => new RegressionSettings(0, 1);

    internal override Type AdapterType => typeof(TextRegressor);

    public override AdapterOptions<Row> CreateOptions() => new TextRegressorOptions();

    internal override string PythonPrediction(TaskSettings settings)
    {
        var scale = (RegressionSettings)settings;
        return FormattableString.Invariant($"print(logits[0, 0].item() * {scale.Deviation:R} + {scale.Mean:R})");
    }

    internal override TaskSettings ReadSettings(JsonObject definition, int labels, string file) => RegressionSettings.Read(definition, file);

    internal override TunedAdapter Open(AdapterModel adapter, AdapterDefinition? definition, TrainingReport? report)
        => new TextRegressor(adapter, definition, report);

    internal override LabelSet LabelsOf(IReadOnlyList<Row> train) => LabelSet.InOrder(FixedLabels);

    internal override TaskSettings CreateSettings(IReadOnlyList<Row> train)
    {
        double[] numbers = [.. train.Select((r, i) => Number(r, $"the training rows, row {i + 1}"))];
        var mean = numbers.Average();
        var deviation = Math.Sqrt(numbers.Average(n => (n - mean) * (n - mean)));
        return deviation > 0 ? new RegressionSettings(mean, deviation)
            : throw new SkTuningException(FormattableString.Invariant($"All training rows have the same number, {mean}: there is nothing to learn."));
    }

    internal override Objective CreateObjective(TaskSettings settings, LabelSet labels, double labelSmoothing) => Objective(settings);

    internal override EncodedRow Encode(AdapterModel adapter, Row row, string where) => EncodeText(adapter, row) with { Values = [(float)Number(row, where)] };

    /// <summary>Returns the number of a row. It must be one that the model can compute with.</summary>
    private static double Number(Row row, string where)
    {
        var number = row.Score(where);
        return float.IsFinite((float)number)
            ? number
            : throw new SkTuningException($"{where}: the label is '{row.Label}', expected a number of at most 3.4e38 in size.");
    }

    public static RegressionObjective Objective(TaskSettings settings) => new(((RegressionSettings)settings).Mean, ((RegressionSettings)settings).Deviation);
}
