using SkTuning.Metrics;

namespace SkTuning.Compare;

/// <summary>Compares the reference method with the others and tests whether the differences are significant.</summary>
internal static class Pairs
{
    public static IReadOnlyList<PairedComparison> Of(string reference, IReadOnlyList<ComparedDataSet> sets, IReadOnlyList<string> methods,
        IReadOnlyList<ComparisonScore> scores)
    {
        var pairs = new List<PairedComparison>();
        foreach (var data in sets)
            foreach (var method in methods.Where(m => m != reference))
            {
                var both = Scores(reference).Join(Scores(method), s => s.Seed, s => s.Seed, (first, second) => (First: first, Second: second)).ToList();
                if (both.Count > 0) pairs.Add(Of(data, reference, method, [.. both.Select(b => b.First)], [.. both.Select(b => b.Second)]));

                IEnumerable<ComparisonScore> Scores(string of) => scores.Where(s => s.DataSet == data.Name && s.Method == of);
            }
        return Adjusted(pairs);
    }

    private static PairedComparison Of(ComparedDataSet data, string reference, string method, IReadOnlyList<ComparisonScore> first,
        IReadOnlyList<ComparisonScore> second)
    {
        var rows = PairedTests.Bootstrap(data.Truth.Count, Metric(data, first), Metric(data, second));
        double? seeds = first.Count > 1 ? PairedTTest.Of([.. first.Select(s => s.Score)], [.. second.Select(s => s.Score)]).PValue : null;
        int[] truth = [.. Enumerable.Repeat(data.Truth, first.Count).SelectMany(t => t)];
        var mcNemar = PairedTests.McNemar(truth, [.. first.SelectMany(s => s.Predicted)], [.. second.SelectMany(s => s.Predicted)]);
        return new()
        {
            DataSet = data.Name,
            Reference = reference,
            Method = method,
            Seeds = first.Count,
            ReferenceMean = first.Average(s => s.Score),
            MethodMean = second.Average(s => s.Score),
            Difference = first.Average(s => s.Score) - second.Average(s => s.Score),
            Low = rows.Difference.Low,
            High = rows.Difference.High,
            RowsPValue = rows.PValue,
            SeedsPValue = seeds,
            PValue = Math.Max(rows.PValue, seeds ?? 0),
            AdjustedPValue = double.NaN,
            OnlyReference = mcNemar.OnlyFirst,
            OnlyMethod = mcNemar.OnlySecond,
            McNemarPValue = mcNemar.PValue,
        };
    }

    /// <summary>Returns a function that computes the metric on resampled rows, averaged over the seeds.</summary>
    private static Func<IReadOnlyList<int>, double> Metric(ComparedDataSet data, IReadOnlyList<ComparisonScore> scores)
    {
        var seeds = scores.Count;
        int[] truth = [.. data.Truth];
        if (data.Metric == ComparisonMetric.Accuracy)
        {
            // the accuracy of a resample is just a mean
            double[] right = [.. truth.Select((t, row) => scores.Count(s => s.Predicted[row] == t) / (double)seeds)];
            return rows => rows.Sum(r => right[r]) / rows.Count;
        }
        int[][] predicted = [.. scores.Select(s => s.Predicted.ToArray())];
        return rows =>
        {
            int[] drawn = [.. rows.Select(r => truth[r])];
            return predicted.Average(p => data.Metric.Of(ClassificationReport.Of(data.Labels, drawn, [.. rows.Select(r => p[r])])));
        };
    }

    /// <summary>
    /// Applies Holm's correction: the smallest p is multiplied by the number of comparisons, the next by one less, and so on; none may be below the previous
    /// one.
    /// </summary>
    private static IReadOnlyList<PairedComparison> Adjusted(IReadOnlyList<PairedComparison> pairs)
    {
        var adjusted = new double[pairs.Count];
        var highest = 0.0;
        foreach (var (rank, pair) in pairs.Index().OrderBy(p => p.Item.PValue).Index())
            adjusted[pair.Index] = highest = Math.Max(highest, Math.Min(1, (pairs.Count - rank) * pair.Item.PValue));
        return [.. pairs.Select((p, i) => p with { AdjustedPValue = adjusted[i] })];
    }
}
