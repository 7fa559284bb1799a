using System.CommandLine;
using SkTuning.Reports;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Creates an HTML report of a run or a comparison.</summary>
internal static class ReportCommand
{
    public const string FileName = "report.html";

    public static Command Create()
    {
        var command = new Command("report", """
            Create an HTML report of a run or a comparison, with curves, confusion matrix, calibration, examples and paired tests.
            The report is a single file that can be viewed offline.

            Examples:
              sktuning report runs/topic
              sktuning report few-shot-results --out few-shot.html
            """);
        var folder = new Argument<string>("folder") { Description = "A run folder (train --run) or the results folder of a comparison (compare --out)." };
        var target = new Option<string?>("--out") { Description = $"The file to write. The default is {FileName} in the folder.", HelpName = "FILE" };
        command.Add(folder);
        command.Add(target);
        command.SetAction(parsed =>
            Write(HtmlReport.OfFolder(parsed.GetValue(folder)!), parsed.GetValue(target) ?? Path.Combine(parsed.GetValue(folder)!, FileName)));
        return command;
    }

    private static int Write(HtmlReport report, string file)
    {
        report.Save(file);
        foreach (var gap in report.Gaps) Screen.Warning(gap);
        Screen.Line($"Saved: {file}");
        return ExitCodes.Success;
    }
}
