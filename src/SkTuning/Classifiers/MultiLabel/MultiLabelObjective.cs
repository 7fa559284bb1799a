using System.Text.Json;
using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Tasks;
using SkTuning.Training;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Classifiers.MultiLabel;

/// <summary>Any number of labels for each row: binary cross-entropy, label by label.</summary>
internal sealed class MultiLabelObjective : Objective
{
    public override string Task => MultiLabelTask.TaskName;

    public override IReadOnlyList<Metric> Metrics { get; } =
        [new("micro-f1"), new("macro-f1"), new("samples-f1"), new("subset-accuracy"), new("hamming-loss", LowerIsBetter: true), new("lrap"), Metric.Loss];

    public override Tensor Targets(IReadOnlyList<EncodedRow> rows, Device device)
    {
        using var scope = NewDisposeScope();
        return tensor(rows.SelectMany(r => r.Values).Select(v => (float)v).ToArray(), device: device).view(rows.Count, -1).MoveToOuterDisposeScope();
    }

    public override Tensor Loss(Tensor outputs, Tensor targets) => F.binary_cross_entropy_with_logits(outputs, targets);

    public override RidgeTargets? Ridge(IReadOnlyList<EncodedRow> rows)
    {
        using var scope = NewDisposeScope();
        return new(RidgeLoss.Logistic, Targets(rows, CPU).to_type(ScalarType.Float64).MoveToOuterDisposeScope());
    }

    public override double ZeroLoss(IReadOnlyList<EncodedRow> rows) => Math.Log(2);

    public override double Score(string metric, Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        bool[][] truth = [.. rows.Select(r => r.Values.Select(v => v > 0.5).ToArray())];
        var scores = Probabilities(outputs);
        var predicted = MultiLabelMetrics.AtThreshold(scores);
        return metric switch
        {
            "macro-f1" => MultiLabelMetrics.Macro(truth, predicted).F1,
            "samples-f1" => MultiLabelMetrics.Samples(truth, predicted).F1,
            "subset-accuracy" => MultiLabelMetrics.SubsetAccuracy(truth, predicted),
            "hamming-loss" => MultiLabelMetrics.HammingLoss(truth, predicted),
            "lrap" => MultiLabelMetrics.RankingAveragePrecision(truth, scores),
            _ => MultiLabelMetrics.Micro(truth, predicted).F1,
        };
    }

    public override Action<Utf8JsonWriter, EncodedRow, int> PredictionWriter(LabelSet labels, Tensor outputs)
    {
        var probabilities = Probabilities(outputs);
        return (json, row, answer) =>
        {
            var scores = probabilities[answer];
            WriteNames(json, "label", labels.Where((_, c) => row.Values[c] > 0.5));
            WriteNames(json, "predicted", labels.Where((_, c) => scores[c] >= MultiLabelDecision.DefaultThreshold));
            WriteScores(json, labels, scores);
        };
    }

    /// <summary>Converts scores [N,C] to each row's probabilities.</summary>
    public static double[][] Probabilities(Tensor outputs)
    {
        var rows = RowFeatures.Split(outputs, (int)outputs.shape[1], []).Scores;
        return [.. Enumerable.Range(0, rows.Count).Select(r => Decisions.Probabilities.Sigmoid(rows[r]))];
    }
}
