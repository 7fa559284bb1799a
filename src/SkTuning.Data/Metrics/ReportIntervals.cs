using System.Text.Json.Nodes;
using SkTuning.Data;

namespace SkTuning.Metrics;

/// <summary>The 95 % confidence intervals of evaluation reports.</summary>
internal static class ReportIntervals
{
    public const double Confidence = 0.95;

    private const double Quantile = 1.959963984540054;
    private const int Samples = 1000, LeastSamples = 200;
    private const long MostDraws = 20_000_000;

    /// <summary>Returns the interval of a proportion (Wilson, 1927), which is right for few rows and near 0 and 1, too.</summary>
    public static ConfidenceInterval Wilson(double proportion, int rows)
    {
        var square = Quantile * Quantile;
        var middle = (proportion + square / (2 * rows)) / (1 + square / rows);
        var half = Quantile / (1 + square / rows) * Math.Sqrt(proportion * (1 - proportion) / rows + square / (4.0 * rows * rows));
        return new(proportion, Math.Max(0, Math.Min(proportion, middle - half)), Math.Min(1, Math.Max(proportion, middle + half)), Confidence);
    }

    /// <summary>
    /// Returns the interval of the macro F1 by the bootstrap: the rows of each class are drawn again with replacement, so that no class is without rows.
    /// </summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="cells">The number of rows of each pair of a true and a predicted class.</param>
    public static ConfidenceInterval MacroF1(int classes, IReadOnlyDictionary<(int Truth, int Predicted), int> cells)
    {
        var predictions = cells.OrderBy(c => c.Key.Truth).ThenBy(c => c.Key.Predicted).GroupBy(c => c.Key.Truth)
            .Select(g => (Truth: g.Key, Predicted: g.SelectMany(c => Enumerable.Repeat(c.Key.Predicted, c.Value)).ToArray())).ToList();
        var rows = predictions.Sum(p => p.Predicted.Length);
        var random = new Shuffler(1);
        var values = new double[(int)Math.Clamp(MostDraws / Math.Max(1, rows), LeastSamples, Samples)];
        var (right, truth, predicted) = (new double[classes], new double[classes], new double[classes]);
        foreach (var (label, of) in predictions) truth[label] = of.Length;
        var value = F1(draw: false);
        for (var s = 0; s < values.Length; s++) values[s] = F1(draw: true);
        Array.Sort(values);
        return Bootstrap.Interval(value, values, Confidence);

        double F1(bool draw)
        {
            Array.Clear(right);
            Array.Clear(predicted);
            foreach (var (label, of) in predictions)
            {
                for (var i = 0; i < of.Length; i++)
                {
                    var answer = of[draw ? random.Next(of.Length) : i];
                    predicted[answer]++;
                    if (answer == label) right[label]++;
                }
            }
            var sum = 0.0;
            for (var c = 0; c < classes; c++) sum += Scores.Ratio(2 * right[c], predicted[c] + truth[c]);
            return sum / classes;
        }
    }

    /// <summary>Returns an interval as JSON.</summary>
    /// <param name="interval">The interval.</param>
    /// <param name="method">How it was computed.</param>
    public static JsonObject Json(ConfidenceInterval interval, string method) => new()
    {
        ["low"] = ReportJson.Number(interval.Low),
        ["high"] = ReportJson.Number(interval.High),
        ["confidence"] = interval.Confidence,
        ["method"] = method,
    };
}
