using SkTuning.Batches;
using SkTuning.Metrics;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Compares the adapter with the head alone.</summary>
/// <param name="objective">The task.</param>
/// <param name="metric">The metric.</param>
internal sealed class Verdicts(Objective objective, Metric metric)
{
    private const double Significant = 0.05;
    private const int Samples = 1000;

    /// <summary>The metric.</summary>
    public Metric Metric => metric;

    /// <summary>Compares scores of the same rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="folds">The number of parts of the cross-validation that the scores are from; 0 if the rows are dev rows.</param>
    /// <param name="head">The scores of the head alone, [M,C] on the CPU.</param>
    /// <param name="adapter">The scores of the adapter; null if there is none.</param>
    public TrainingVerdict Of(IReadOnlyList<EncodedRow> rows, int folds, Tensor head, Tensor? adapter)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var verdict = new TrainingVerdict
        {
            Rows = rows.Count,
            Folds = folds,
            Metric = metric.Name,
            LowerIsBetter = metric.LowerIsBetter,
            HeadScore = Score(head, rows),
            KeepsAdapter = adapter is not null,
        };
        if (adapter is null) return verdict;
        var test = PairedTests.Bootstrap(rows.Count, of => Score(adapter, rows, of), of => Score(head, rows, of), samples: Samples);
        var p = metric.Name == "accuracy" && objective.AnswersHighest && rows.All(r => r.Classes.Length == 1) ? McNemar(rows, adapter, head) : test.PValue;
        return verdict with
        {
            AdapterScore = Score(adapter, rows),
            Difference = test.Difference,
            PValue = p,
            KeepsAdapter = p < Significant ? IsBetter(test.Difference.Value) : folds == 0 || !IsClearlyHigher(Losses(adapter, rows), Losses(head, rows)),
        };
    }

    /// <summary>Returns the score of the first minus that of the second, with the interval of the choice of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="first">Scores of the rows, [M,C] on the CPU.</param>
    /// <param name="second">Other scores of the rows.</param>
    /// <param name="confidence">The confidence level of the interval.</param>
    /// <param name="samples">The number of samples.</param>
    public ConfidenceInterval Difference(IReadOnlyList<EncodedRow> rows, Tensor first, Tensor second, double confidence, int samples = Samples)
    {
        using var off = no_grad();
        return PairedTests.Bootstrap(rows.Count, of => Score(first, rows, of), of => Score(second, rows, of), confidence, samples).Difference;
    }

    private bool IsBetter(double difference) => metric.LowerIsBetter ? difference < 0 : difference > 0;

    /// <summary>
    /// True if the mean of the first losses is higher than that of the others by more than its standard error. Each part of a cross-validation trains on fewer
    /// rows, which costs an adapter more than a head: a smaller difference says nothing against it.
    /// </summary>
    private static bool IsClearlyHigher(double[] first, double[] second)
    {
        double[] differences = [.. first.Zip(second, (a, b) => a - b)];
        var mean = differences.Average();
        var error = Math.Sqrt(differences.Sum(d => (d - mean) * (d - mean)) / Math.Max(1, differences.Length - 1) / differences.Length);
        return mean > error;
    }

    /// <summary>
    /// Returns the loss of each row, at the temperature of a few at which the mean is lowest: it does not matter how sure the head is, since that is decided
    /// later. With few rows, the loss says more than the number of correct answers.
    /// </summary>
    private double[] Losses(Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        using var scope = NewDisposeScope();
        var targets = objective.Targets(rows, CPU);
        var isNumber = objective.Ridge(rows)?.Loss == RidgeLoss.Squared;
        var factor = isNumber ? 1 : Enumerable.Range(-6, 13).Select(k => Math.Pow(2, k / 2.0)).MinBy(f => Loss(outputs, targets, f));
        return [.. Enumerable.Range(0, rows.Count).Select(i => Loss(outputs.narrow(0, i, 1), targets.narrow(0, i, 1), factor))];
    }

    private double Loss(Tensor outputs, Tensor targets, double factor)
    {
        using var scope = NewDisposeScope();
        return objective.PlainLoss(outputs * factor.Kept(), targets).item<float>();
    }

    private static double McNemar(IReadOnlyList<EncodedRow> rows, Tensor first, Tensor second)
        => PairedTests.McNemar([.. rows.Select(r => r.Classes[0])], Best(first), Best(second)).PValue;

    private static int[] Best(Tensor scores)
    {
        using var scope = NewDisposeScope();
        return [.. scores.argmax(1).data<long>().ToArray().Select(c => (int)c)];
    }

    private double Score(Tensor outputs, IReadOnlyList<EncodedRow> rows, IReadOnlyList<int> of)
    {
        using var scope = NewDisposeScope();
        return Score(outputs.index_select(0, tensor(of.Select(i => (long)i).ToArray())), [.. of.Select(i => rows[i])]);
    }

    /// <summary>Returns the metric of scores.</summary>
    public double Score(Tensor outputs, IReadOnlyList<EncodedRow> rows)
    {
        using var scope = NewDisposeScope();
        return metric == Metric.Loss ? objective.PlainLoss(outputs, objective.Targets(rows, CPU)).item<float>() : objective.Score(metric.Name, outputs, rows);
    }
}
