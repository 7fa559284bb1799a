using System.Globalization;
using SkTuning.Compare;
using Spectre.Console;

namespace SkTuning.Tool.Output;

/// <summary>
/// Shows the progress of a comparison (a bar on a terminal, one line per test if standard error is redirected, nothing if quiet) and its tables.
/// </summary>
internal static class ComparisonDisplay
{
    public static ComparisonResult Show(bool quiet, Func<IProgress<ComparisonProgress>?, ComparisonResult> run)
    {
        if (quiet) return run(new Immediate(Warn));
        if (Console.IsErrorRedirected)
        {
            return run(new Immediate(p =>
            {
                Warn(p);
                if (Line(p) is { } line) Console.Error.WriteLine(line);
            }));
        }
        ComparisonResult result = null!;
        Screen.Error.Progress().AutoClear(false).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).Start(context =>
        {
            var bar = context.AddTask("compare", maxValue: 1);
            result = run(new Immediate(p =>
            {
                Warn(p);
                (bar.MaxValue, bar.Value) = (p.Total, p.Done);
                bar.Description = Markup.Escape($"{p.Done}/{p.Total} trials{(p.Failed > 0 ? $", {p.Failed} failed" : "")}" +
                    $"{(p.Trial is { } t ? $": {t.DataSet}, {t.Method}, seed {t.Seed}" : "")}{Left(p)}");
            }));
        });
        return result;
    }

    private static void Warn(ComparisonProgress p)
    {
        if (p.FolderError is { } error) Screen.Warning($"the results folder cannot be written: {error} The comparison continues.");
    }

    public static void Tables(ComparisonResult result, string folder)
    {
        Screen.Table(["Method", .. result.DataSets.Select(d => $"{d.Name} ({d.Metric})"), "Parameters"], result.Methods.Select(m =>
        {
            var all = result.DataSets.Select(d => result.Summaries.First(s => s.DataSet == d.Name && s.Method == m.Name)).ToList();
            return (string[])[m.Name, .. all.Select(Score), Screen.Number((long)all.Average(s => s.Parameters))];
        }));
        if (result.Comparisons.Count > 0)
        {
            string[] header = [$"{result.Reference} compared with", "Wins", "Ties", "Losses", "Not better on"];
            Screen.Table(header, result.Methods.Where(m => m.Name != result.Reference).Select(m =>
            {
                var all = result.Comparisons.Where(c => c.Method == m.Name).ToList();
                var counts = Enum.GetValues<PairedOutcome>().Select(o => $"{all.Count(c => c.Outcome == o)}");
                return (string[])[m.Name, .. counts, string.Join(", ", all.Where(c => c.Outcome != PairedOutcome.Win).Select(c => c.DataSet))];
            }));
        }
        var failed = result.Trials.Count(t => t.Error is not null);
        Screen.Line($"Finished {result.Trials.Count} of {result.PlannedTrials} trials, {failed} failed. Results: {folder}");
    }

    private static string Score(ComparisonSummary s) => s.Mean is { } mean
        ? $"{Number(mean)}{(s.Sd is { } sd ? $" ± {Number(sd)}" : "")}"
        : s.FailedTrials > 0 ? "failed" : "-";

    private static string Number(double score) => (100 * score).ToString("F1", CultureInfo.InvariantCulture);

    private static string? Line(ComparisonProgress p) => p switch
    {
        { Trial: { Error: { } error } t } => $"{p.Done}/{p.Total} {t.DataSet}, {t.Method}, seed {t.Seed}: failed: {error}",
        { Score: { } s } => $"{p.Done}/{p.Total} {s.DataSet}, {s.Method}, seed {s.Seed}: test {Number(s.Score)}{Left(p)}",
        { Trial: null } => $"{p.Total} trials",
        _ => null,
    };

    private static string Left(ComparisonProgress p) => p.Remaining is { TotalSeconds: >= 1 } left ? $", {left:h\\:mm\\:ss} left" : "";

    /// <summary>Reports synchronously and in order, whereas Progress&lt;T&gt; posts to the thread pool.</summary>
    private sealed class Immediate(Action<ComparisonProgress> report) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value) => report(value);
    }
}
