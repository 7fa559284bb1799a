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
        double[] numbers = [.. train.Select((r, i) => r.Score($"the training rows, row {i + 1}"))];
        if (numbers.All(n => n == numbers[0]))
            throw new SkTuningException(FormattableString.Invariant($"All training rows have the same number, {numbers[0]}: there is nothing to learn."));
        var mean = numbers.Average();
        // In units of the largest distance, so that squares neither overflow nor vanish.
        var unit = numbers.Max(n => Math.Abs(n - mean));
        var deviation = unit * Math.Sqrt(numbers.Average(n => (n - mean) / unit * ((n - mean) / unit)));
        return double.IsFinite(mean) && double.IsNormal(deviation) ? new RegressionSettings(mean, deviation)
            : throw new SkTuningException(FormattableString.Invariant($"The numbers of the training rows reach from {numbers.Min()} to {numbers.Max()}, ")
                + "whose mean or standard deviation cannot be computed: use another unit.");
    }

    internal override Objective CreateObjective(TaskSettings settings, LabelSet labels, double labelSmoothing) => Objective(settings);

    internal override EncodedRow Encode(AdapterModel adapter, Row row, string where) => EncodeText(adapter, row) with { Values = [row.Score(where)] };

    public static RegressionObjective Objective(TaskSettings settings) => new(((RegressionSettings)settings).Mean, ((RegressionSettings)settings).Deviation);
}
