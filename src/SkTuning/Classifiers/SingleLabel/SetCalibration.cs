using System.Globalization;
using SkTuning.Batches;
using SkTuning.Decisions;
using SkTuning.Metrics;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>Calibrates prediction sets.</summary>
internal static class SetCalibration
{
    /// <summary>Finds the threshold of sets.</summary>
    /// <param name="coverage">The coverage.</param>
    /// <param name="scores">The scores of the rows, [N,C], by a classifier that was not trained on them.</param>
    /// <param name="rows">The rows, with their labels; at least as many as <see cref="Require"/> wants.</param>
    /// <param name="temperature">The temperature of the probabilities.</param>
    /// <param name="seed">The seed of the adapter.</param>
    public static PredictionSets Of(double coverage, Tensor scores, IReadOnlyList<EncodedRow> rows, double temperature, ulong seed)
    {
        var probabilities = Probabilities(scores, temperature);
        return new()
        {
            Coverage = coverage,
            Threshold = AdaptiveSets.Threshold(
                rows.Select((row, i) => AdaptiveSets.Score(probabilities[i], row.Classes[0], SetFraction.Of(row, seed))), coverage),
            Temperature = temperature,
            Rows = rows.Count,
        };
    }

    /// <summary>Returns the probabilities of scores [N,C].</summary>
    public static double[][] Probabilities(Tensor scores, double temperature)
    {
        var rows = RowFeatures.Split(scores, (int)scores.shape[1], []).Scores;
        return [.. Enumerable.Range(0, rows.Count).Select(r => Decisions.Probabilities.Softmax(rows[r], temperature))];
    }

    /// <summary>Refuses a coverage that a number of rows cannot mean.</summary>
    /// <param name="coverage">The coverage.</param>
    /// <param name="rows">The number of rows.</param>
    /// <param name="what">What the rows are, such as <c>dev rows</c>.</param>
    /// <param name="advice">How to get more of them.</param>
    /// <exception cref="SkTuningException">There are too few rows; the message names the number needed.</exception>
    public static void Require(double coverage, int rows, string what, string advice)
    {
        var needed = AdaptiveSets.RowsFor(coverage);
        if (rows >= needed) return;
        var highest = Math.Floor(1000 * AdaptiveSets.HighestCoverage(rows)) / 1000;
        var lower = highest > 0 ? string.Create(CultureInfo.InvariantCulture, $", or ask for a coverage of at most {highest}") : "";
        throw new SkTuningException(string.Create(CultureInfo.InvariantCulture,
            $"A coverage of {coverage} needs {needed} or more {what}, found {rows}: {advice}{lower}."));
    }
}
