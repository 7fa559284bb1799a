using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>How often sets of labels contain the true label, and how large they are.</summary>
public sealed class PredictionSetReport : IEvaluationReport
{
    private PredictionSetReport(double target, PredictionSetScores all, IReadOnlyList<PredictionSetScores> perClass)
        => (Target, All, PerClass) = (target, all, perClass);

    /// <summary>Measures sets of labels.</summary>
    /// <param name="labels">The names of the classes.</param>
    /// <param name="truth">The true class of every row, from 0.</param>
    /// <param name="sets">The classes of every row's set.</param>
    /// <param name="target">The coverage that the sets were made for.</param>
    /// <exception cref="SkTuningException">There are no rows, the numbers of rows differ, or a true class is out of range.</exception>
    public static PredictionSetReport Of(IReadOnlyList<string> labels, IReadOnlyList<int> truth, IReadOnlyList<IReadOnlyList<int>> sets, double target)
    {
        const string Name = "Prediction sets";
        Check.Rows(Name, truth.Count, sets.Count);
        Check.Classes(Name, truth, labels.Count, "true");
        var rows = truth.Zip(sets, (t, set) => (Truth: t, set.Count, IsCovered: set.Contains(t))).ToLookup(r => r.Truth);
        return new(target, Scores("all", rows.SelectMany(r => r)), [.. labels.Select((label, c) => Scores(label, rows[c]))]);

        static PredictionSetScores Scores(string label, IEnumerable<(int Truth, int Count, bool IsCovered)> rows)
        {
            var all = rows.ToList();
            return all.Count == 0 ? new(label, double.NaN, double.NaN, double.NaN, 0)
                : new(label, all.Average(r => r.IsCovered ? 1.0 : 0), all.Average(r => r.Count), all.Average(r => r.Count == 1 ? 1.0 : 0), all.Count);
        }
    }

    /// <summary>Gets the coverage that the sets were made for, from 0 to 1.</summary>
    public double Target { get; }

    /// <inheritdoc/>
    public int Rows => All.Rows;

    /// <summary>Gets the scores of all rows.</summary>
    public PredictionSetScores All { get; }

    /// <summary>Gets the scores of the rows of each class. A class without rows has scores that are NaN.</summary>
    public IReadOnlyList<PredictionSetScores> PerClass { get; }

    /// <inheritdoc/>
    public JsonObject ToJson()
    {
        var json = Scores(All);
        json.Insert(0, "target", Target);
        json["perClass"] = new JsonObject(PerClass.Select(c => KeyValuePair.Create(c.Label, (JsonNode?)Scores(c))));
        return json;

        static JsonObject Scores(PredictionSetScores scores) => new()
        {
            ["coverage"] = ReportJson.Number(scores.Coverage),
            ["meanSize"] = ReportJson.Number(scores.MeanSize),
            ["single"] = ReportJson.Number(scores.Single),
            ["rows"] = scores.Rows,
        };
    }

    /// <summary>Returns a table of the classes and of all rows.</summary>
    public override string ToString()
    {
        const int Widest = 32;
        var title = string.Create(CultureInfo.InvariantCulture, $"sets for {100 * Target:0.##} %");
        var width = Math.Clamp(PerClass.Max(c => c.Label.Length), title.Length, Widest);
        var text = new StringBuilder().AppendLine(CultureInfo.InvariantCulture, $"{title.PadRight(width)}   coverage    size  single    rows");
        foreach (var scores in PerClass.Append(All))
        {
            var name = scores.Label.Length <= width ? scores.Label : scores.Label[..(width - 1)] + "…";
            text.AppendLine(CultureInfo.InvariantCulture,
                $"{name.PadRight(width)}    {scores.Coverage,7:F3} {scores.MeanSize,7:F2} {scores.Single,7:F3} {scores.Rows,7}");
        }
        return text.ToString().TrimEnd();
    }
}

/// <summary>The sets of some rows.</summary>
/// <param name="Label">The label of the class; <c>all</c> for all rows.</param>
/// <param name="Coverage">The fraction of the rows whose set contains the true label.</param>
/// <param name="MeanSize">The mean number of labels of a set.</param>
/// <param name="Single">The fraction of the rows whose set has exactly one label.</param>
/// <param name="Rows">The number of rows.</param>
public sealed record PredictionSetScores(string Label, double Coverage, double MeanSize, double Single, int Rows);
