using SkTuning.Compare;
using SkTuning.Models;
using SkTuning.Reports.Comparisons;
using SkTuning.Reports.Runs;

namespace SkTuning.Reports;

/// <summary>
/// A report as one HTML file that needs nothing else: pictures and style are inside, no script, no address. It opens offline, on a phone, and in light or dark as the reader has it.
/// Texts of rows are encoded: whatever they hold, none of it is markup.
/// </summary>
public sealed class HtmlReport
{
    internal HtmlReport(string html, IReadOnlyList<string> gaps) => (Html, Gaps) = (html, gaps);

    /// <summary>The file's text.</summary>
    public string Html { get; }

    /// <summary>What was missing or damaged, in sentences; the report says so too. Empty when all was there.</summary>
    public IReadOnlyList<string> Gaps { get; }

    /// <summary>The report of what a folder holds: a run, or the results of a comparison.</summary>
    /// <param name="folder">The folder that <c>sktuning train --run</c> or <c>sktuning compare --out</c> wrote.</param>
    /// <exception cref="SkTuningException">It holds neither, or the file that says what it is cannot be read.</exception>
    public static HtmlReport OfFolder(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        if (!Directory.Exists(folder)) throw new SkTuningException($"{folder}: is {(File.Exists(folder) ? "a file" : "not there")}, expected the folder of a run (sktuning train --run) or of a comparison (sktuning compare --out).");
        if (File.Exists(Path.Combine(folder, RunFolder.ConfigFile))) return OfRun(folder);
        if (File.Exists(Path.Combine(folder, ComparisonResult.FileName))) return OfComparison(ComparisonResult.Load(folder));
        throw new SkTuningException($"{folder}: holds neither {RunFolder.ConfigFile} nor {ComparisonResult.FileName}, expected the folder of a run (sktuning train --run) or of a comparison (sktuning compare --out).");
    }

    /// <summary>
    /// Learning curves, what was predicted of the dev rows (as the task has it: confusion matrix, calibration, scatter, entities), the most confident errors, settings and environment.
    /// Of a run that has not ended or lost files what is there, and <see cref="Gaps"/> tells the rest.
    /// </summary>
    /// <param name="folder">The run's folder (<c>TrainingOptions.RunFolder</c>).</param>
    /// <exception cref="SkTuningException">The folder holds no run, or its config.json cannot be read.</exception>
    public static HtmlReport OfRun(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return RunPage.Of(folder);
    }

    /// <summary>Scores with their spread, paired tests, where the reference method wins, ties and loses, scores against parameters and rows, classes, learning curves, costs, data, settings.</summary>
    /// <param name="result">What the comparison found; an unfinished one says so.</param>
    /// <param name="command">The command that made it, for the last line; null: it is not told.</param>
    public static HtmlReport OfComparison(ComparisonResult result, string? command = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        return ComparisonPage.Of(result, command);
    }

    /// <summary>Writes the file; one that is there is replaced in one step.</summary>
    /// <param name="file">Where to; its folder is made if need be.</param>
    /// <exception cref="SkTuningException">It cannot be written.</exception>
    public void Save(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        var beside = $"{file}.{Environment.ProcessId}.new";
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
            File.WriteAllText(beside, Html);
            File.Move(beside, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new SkTuningException($"{file}: cannot be written: {e.Message.ReplaceLineEndings(" ")}", e); }
        finally
        {
            if (File.Exists(beside)) File.Delete(beside);
        }
    }
}
