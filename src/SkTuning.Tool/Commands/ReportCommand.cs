using System.CommandLine;
using SkTuning.Reports.Runs;
using SkTuning.Reports;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Makes a report of a run or a comparison.</summary>
internal static class ReportCommand
{
    public const string FileName = "report.html";

    public static Command Create()
    {
        var command = new Command("report", """
            Make one HTML file of a run or a comparison: curves, confusion matrix, calibration, examples, paired tests. It opens offline and needs nothing else.

            Examples:
              sktuning report runs/topic
              sktuning report few-shot-results --out few-shot.html
            """);
        var folder = new Argument<string>("folder") { Description = "The folder of a run (train --run) or of a comparison (compare --out)." };
        var target = new Option<string?>("--out") { Description = $"The file. Default: {FileName} in the folder." };
        command.Add(folder);
        command.Add(target);
        command.SetAction(parsed => Write(HtmlReport.OfFolder(parsed.GetValue(folder)!), parsed.GetValue(target) ?? Path.Combine(parsed.GetValue(folder)!, FileName)));
        return command;
    }

    private static int Write(HtmlReport report, string file)
    {
        report.Save(file);
        foreach (var gap in report.Gaps) Screen.Warning(gap);
        Screen.Line($"Saved: {file}");
        return Program.Done;
    }
}
