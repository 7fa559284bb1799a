using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Tasks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Classifiers.Regression;

/// <summary>One number for each row: the squared error of the standardized number, so that learning rates do not depend on its unit.</summary>
/// <param name="mean">The training rows' mean.</param>
/// <param name="deviation">Their standard deviation.</param>
internal sealed class RegressionObjective(double mean, double deviation) : Objective
{
    public override string Task => RegressionTask.TaskName;

    public override IReadOnlyList<Metric> Metrics { get; } =
        [new("mse", LowerIsBetter: true), new("mae", LowerIsBetter: true), new("pearson"), new("spearman"), new("r2"), Metric.Loss];

    public override Tensor Targets(IReadOnlyList<EncodedRow> rows, Device device)
        => tensor(rows.Select(r => (float)Standardized(r)).ToArray(), device: device);

    public override Tensor Loss(Tensor outputs, Tensor targets) => F.mse_loss(outputs.squeeze(-1), targets);

    public override RidgeTargets? Ridge(IReadOnlyList<EncodedRow> rows)
        => new(RidgeLoss.Squared, tensor(rows.Select(Standardized).ToArray()).view(-1, 1));

    public override double ZeroLoss(IReadOnlyList<EncodedRow> rows) => rows.Average(r => Standardized(r) * Standardized(r));

    public override void CheckMetric(string metric, IReadOnlyList<EncodedRow> dev)
    {
        if (metric is "r2" && dev.Count == 1 || metric is "pearson" or "spearman" && dev.All(r => r.Values[0] == dev[0].Values[0]))
            throw new SkTuningException($"The metric {metric} is not defined for the dev rows, whose numbers are all the same: "
                + "use dev rows with different numbers, or another metric.");
    }

    /// <summary>Returns a row's number in deviations from the mean: computed in fp64, so that fp32 holds small differences of large numbers.</summary>
    private double Standardized(EncodedRow row) => (row.Values[0] - mean) / deviation;

    public override Action<Utf8JsonWriter, EncodedRow, int> PredictionWriter(LabelSet labels, Tensor outputs)
    {
        var values = Values(outputs);
        return (json, row, answer) =>
        {
            json.WriteNumber("label", row.Values[0]);
            json.WriteNumber("predicted", values[answer]);
        };
    }

    /// <summary>Converts scores [N,1] to the unit of the rows.</summary>
    public double[] Values(Tensor outputs)
    {
        using var scope = NewDisposeScope();
        return [.. outputs.squeeze(-1).to_type(ScalarType.Float64).data<double>().ToArray().Select(v => v * deviation + mean)];
    }

    public override double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        // A prediction that is the same for all rows has no correlation.
        double[] truth = [.. rows.Select(r => r.Values[0])], predicted = Values(outputs);
        return metric switch
        {
            "mae" => RegressionMetrics.MeanAbsoluteError(truth, predicted),
            "pearson" => OrNone(RegressionMetrics.Pearson(truth, predicted)),
            "spearman" => OrNone(RegressionMetrics.Spearman(truth, predicted)),
            "r2" => RegressionMetrics.RSquared(truth, predicted),
            _ => RegressionMetrics.MeanSquaredError(truth, predicted),
        };

        static double OrNone(double correlation) => double.IsNaN(correlation) ? 0 : correlation;
    }
}
