using System.Text;
using SkTuning.Compare;
using SkTuning.Diagnostics;
using SkTuning.Reports.Comparisons;
using SkTuning.Reports.Runs;
using SkTuning.Training.Runs;

namespace SkTuning.Reports;

/// <summary>
/// A report as a self-contained HTML file: pictures and styles are embedded, and there are no scripts or external links. It can be viewed offline and on a
/// phone, and follows the reader's light or dark theme. The texts of rows are encoded, so that nothing in them is interpreted as markup.
/// </summary>
public sealed class HtmlReport
{
    private HtmlReport((string Html, IReadOnlyList<string> Gaps) page) => (Html, Gaps) = page;

    /// <summary>Gets the HTML text.</summary>
    public string Html { get; }

    /// <summary>Gets sentences that describe what is missing or damaged, which the report contains as well. Empty if nothing is.</summary>
    public IReadOnlyList<string> Gaps { get; }

    /// <summary>Creates the report of a folder, which contains a run or the results of a comparison.</summary>
    /// <param name="folder">The folder written by <c>sktuning train --run</c> or <c>sktuning compare --out</c>.</param>
    /// <returns>The report.</returns>
    /// <exception cref="SkTuningException">The folder contains neither a run nor a comparison, or its main file cannot be read.</exception>
    public static HtmlReport OfFolder(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        const string Expected = "expected a run folder (sktuning train --run) or the results folder of a comparison (sktuning compare --out)";
        if (!Directory.Exists(folder)) throw new SkTuningException($"{folder}: {(File.Exists(folder) ? "is a file" : "does not exist")}, {Expected}.");
        if (File.Exists(Path.Combine(folder, RunFiles.Config))) return OfRun(folder);
        if (File.Exists(Path.Combine(folder, ComparisonResult.FileName))) return OfComparison(ComparisonResult.Load(folder));
        throw new SkTuningException($"{folder}: contains neither {RunFiles.Config} nor {ComparisonResult.FileName}, {Expected}.");
    }

    /// <summary>
    /// Creates the report of a run: learning curves, the predictions for the dev rows (depending on the task: confusion matrix, calibration, scatter plot,
    /// entities), the most confident errors, settings and environment. If the run has not ended or files are missing, the report contains what is available,
    /// and <see cref="Gaps"/> describes what is not.
    /// </summary>
    /// <param name="folder">The run folder (<c>TrainingOptions.RunFolder</c>).</param>
    /// <returns>The report.</returns>
    /// <exception cref="SkTuningException">The folder does not contain a run, or its config.json cannot be read.</exception>
    public static HtmlReport OfRun(string folder)
    {
        ArgumentNullException.ThrowIfNull(folder);
        return new(RunPage.Of(folder));
    }

    /// <summary>
    /// Creates the report of a comparison: scores and their spread, paired tests, the wins, ties and losses of the reference method, scores by parameters and
    /// training rows, scores per class, learning curves, costs, data and settings.
    /// </summary>
    /// <param name="result">The result of the comparison, which may be incomplete.</param>
    /// <param name="command">The command that generates the report, for its last line; null for the default, <c>sktuning report</c>.</param>
    /// <returns>The report.</returns>
    public static HtmlReport OfComparison(ComparisonResult result, string? command = null)
    {
        ArgumentNullException.ThrowIfNull(result);
        return new(ComparisonPage.Of(result, command));
    }

    /// <summary>
    /// Creates the report of a check of labels: rows whose labels are probably wrong, nearly equal texts with different labels, labels that are hard to
    /// distinguish, and labels that need more rows.
    /// </summary>
    /// <param name="check">The check.</param>
    /// <param name="name">The name of the rows, such as their file.</param>
    /// <returns>The report.</returns>
    public static HtmlReport OfLabelCheck(LabelCheck check, string name)
    {
        ArgumentNullException.ThrowIfNull(check);
        ArgumentNullException.ThrowIfNull(name);
        return new(LabelCheckPage.Of(check, name));
    }

    /// <summary>Writes the report to a file.</summary>
    /// <param name="file">The file. An existing HTML file is replaced atomically. The folder is created if necessary.</param>
    /// <exception cref="SkTuningException">The file cannot be written, or is a file of another kind.</exception>
    public void Save(string file)
    {
        ArgumentNullException.ThrowIfNull(file);
        if (!IsHtmlOrEmpty(file))
            throw SkTuningException.BadFile(file, null, "a file that is not a report", "a new file, or a report to replace", "Choose another name.");
        AtomicFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(Html)));
    }

    private static bool IsHtmlOrEmpty(string file) => FileAccessErrors.Explain(file, () =>
    {
        if (new FileInfo(file) is not { Exists: true, Length: > 0 }) return true;
        const string Start = "<!doctype html";
        var start = new byte[Start.Length];
        using var stream = InputFile.Open(file);
        return stream.ReadAtLeast(start, start.Length, throwOnEndOfStream: false) == start.Length
            && Encoding.ASCII.GetString(start).Equals(Start, StringComparison.OrdinalIgnoreCase);
    });
}
