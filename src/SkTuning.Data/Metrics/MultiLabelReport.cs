using System.Globalization;
using System.Text;

namespace SkTuning;

/// <summary>All metrics of several labels a row at once.</summary>
/// <param name="Rows">Rows measured.</param>
/// <param name="Micro">Over all labels of all rows.</param>
/// <param name="Macro">The mean over labels.</param>
/// <param name="Samples">The mean over rows.</param>
/// <param name="SubsetAccuracy">The part of the rows whose labels are right altogether.</param>
/// <param name="HammingLoss">The part of all label decisions that is wrong.</param>
/// <param name="RankingAveragePrecision">How far up the true labels stand among a row's scores (LRAP).</param>
/// <param name="PerLabel">Each label.</param>
public sealed record MultiLabelReport(int Rows, Scores Micro, Scores Macro, Scores Samples, double SubsetAccuracy, double HammingLoss, double RankingAveragePrecision, IReadOnlyList<ClassScores> PerLabel) : IEvaluationReport
{
    /// <summary>A table for people.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        var width = PerLabel.Select(l => l.Label.Length).Append("samples mean".Length).Max();
        text.AppendLine(culture, $"{Rows} rows, micro F1 {Micro.F1:F4}, macro F1 {Macro.F1:F4}, all labels right {SubsetAccuracy:F4}, Hamming loss {HammingLoss:F4}, ranking average precision {RankingAveragePrecision:F4}");
        text.AppendLine(culture, $"{"".PadRight(width)}  precision  recall      F1    rows");
        foreach (var label in PerLabel) Line(label.Label, label.Scores, label.Rows);
        Line("micro", Micro, Rows);
        Line("macro mean", Macro, Rows);
        Line("samples mean", Samples, Rows);
        return text.ToString();

        void Line(string name, Scores s, int rows) => text.AppendLine(culture, $"{name.PadRight(width)}  {s.Precision,9:F4}  {s.Recall,6:F4}  {s.F1,6:F4}  {rows,6}");
    }

    /// <inheritdoc/>
    public System.Text.Json.Nodes.JsonObject ToJson() => [];
}
