using SkTuning.Batches;
using SkTuning.Metrics;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tasks;

/// <summary>One number for each row: squared error of the standardised number, so that learning rates mean the same whatever its unit.</summary>
/// <param name="mean">The training rows' mean.</param>
/// <param name="deviation">Their standard deviation.</param>
internal sealed class RegressionObjective(double mean, double deviation) : Objective
{
    public const string Name = "regression";

    public override string Task => Name;

    public override IReadOnlyList<string> Metrics { get; } = ["mse", "mae", "pearson", "spearman", "r2", LossMetric];

    public override Tensor Targets(IReadOnlyList<EncodedRow> rows, Device device) => tensor(rows.Select(r => (float)((r.Values[0] - mean) / deviation)).ToArray(), device: device);

    public override Tensor Loss(Tensor outputs, Tensor targets) => F.mse_loss(outputs.squeeze(-1), targets);

    /// <summary>Scores [N,1] in the rows' own unit.</summary>
    public double[] Values(Tensor outputs)
    {
        using var scope = NewDisposeScope();
        return [.. outputs.squeeze(-1).to_type(ScalarType.Float64).data<double>().ToArray().Select(v => v * deviation + mean)];
    }

    public override double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        double[] truth = [.. rows.Select(r => (double)r.Values[0])], predicted = Values(outputs);
        return metric switch
        {
            "mae" => RegressionMetrics.MeanAbsoluteError(truth, predicted),
            "pearson" => RegressionMetrics.Pearson(truth, predicted),
            "spearman" => RegressionMetrics.Spearman(truth, predicted),
            "r2" => RegressionMetrics.RSquared(truth, predicted),
            _ => RegressionMetrics.MeanSquaredError(truth, predicted),
        };
    }
}
