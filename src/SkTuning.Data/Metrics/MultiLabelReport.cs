using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>All metrics of rows with several labels.</summary>
/// <param name="Rows">The number of rows.</param>
/// <param name="Micro">The scores over all labels of all rows.</param>
/// <param name="Macro">The unweighted mean over labels.</param>
/// <param name="Samples">The unweighted mean over rows.</param>
/// <param name="SubsetAccuracy">The fraction of rows whose labels are all predicted correctly.</param>
/// <param name="HammingLoss">The fraction of label decisions that are wrong.</param>
/// <param name="RankingAveragePrecision">How high the true labels rank among a row's scores (label ranking average precision, LRAP).</param>
/// <param name="PerLabel">The scores of each label.</param>
public sealed record MultiLabelReport(
    int Rows, Scores Micro, Scores Macro, Scores Samples, double SubsetAccuracy, double HammingLoss, double RankingAveragePrecision,
    IReadOnlyList<ClassScores> PerLabel) : IEvaluationReport
{
    /// <inheritdoc/>
    public JsonObject ToJson() => new()
    {
        ["rows"] = Rows,
        ["microF1"] = ReportJson.Number(Micro.F1),
        ["macroF1"] = ReportJson.Number(Macro.F1),
        ["samplesF1"] = ReportJson.Number(Samples.F1),
        ["subsetAccuracy"] = ReportJson.Number(SubsetAccuracy),
        ["hammingLoss"] = ReportJson.Number(HammingLoss),
        ["rankingAveragePrecision"] = ReportJson.Number(RankingAveragePrecision),
        ["perLabel"] = ReportJson.PerClass(PerLabel),
    };

    /// <summary>Returns a table of the labels and means.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        var culture = CultureInfo.InvariantCulture;
        var width = PerLabel.Select(l => l.Label.Length).Append("samples mean".Length).Max();
        text.Append(culture, $"{Rows} rows, micro F1 {Micro.F1:F4}, macro F1 {Macro.F1:F4}, all labels right {SubsetAccuracy:F4}, ")
            .AppendLine(culture, $"Hamming loss {HammingLoss:F4}, ranking average precision {RankingAveragePrecision:F4}");
        text.AppendLine(culture, $"{"".PadRight(width)}  precision  recall      F1    rows");
        foreach (var label in PerLabel) Line(label.Label, label.Scores, label.Rows);
        Line("micro", Micro, Rows);
        Line("macro mean", Macro, Rows);
        Line("samples mean", Samples, Rows);
        return text.ToString();

        void Line(string name, Scores s, int rows)
            => text.AppendLine(culture, $"{name.PadRight(width)}  {s.Precision,9:F4}  {s.Recall,6:F4}  {s.F1,6:F4}  {rows,6}");
    }
}
