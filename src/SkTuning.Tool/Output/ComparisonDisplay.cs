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
        string[] costs = ["Parameters", "Rates tried", "Epoch 0 kept", "Seconds per trial"];
        Screen.Table(["Method", .. result.DataSets.Select(d => $"{d.Name} ({d.Metric})"), .. costs], result.Methods.Select(m =>
        {
            var all = result.DataSets.Select(d => result.Summaries.First(s => s.DataSet == d.Name && s.Method == m.Name)).ToList();
            var seconds = all.Where(s => s.Mean is not null).Select(s => s.SecondsPerTrial).DefaultIfEmpty(double.NaN).Average();
            return (string[])
            [
                m.Name, .. all.Select(Score), Screen.Number((long)all.Average(s => s.Parameters)), Rates(m), HeadAlone(result, m),
                double.IsNaN(seconds) ? "-" : Screen.Seconds(seconds),
            ];
        }));
        Screen.Line("Scores are means and standard deviations over the seeds, times 100. Epoch 0 is the head alone, before the first step of the adapter.");
        if (result.Comparisons.Count > 0)
        {
            string[] header = [$"{result.Reference} compared with", "Wins", "Ties", "Losses", "Not better on"];
            Screen.Table(header, result.Methods.Where(m => m.Name != result.Reference).Select(m =>
            {
                var all = result.Comparisons.Where(c => c.Method == m.Name).ToList();
                var counts = Enum.GetValues<PairedOutcome>().Select(o => $"{all.Count(c => c.Outcome == o)}");
                return (string[])[m.Name, .. counts, string.Join(", ", all.Where(c => c.Outcome != PairedOutcome.Win).Select(c => c.DataSet))];
            }));
            Screen.Line($"A win of {result.Reference} is a data set on which it is significantly better (p < 0.05) with respect to both the test rows and the "
                + "seeds, a loss one on which it is significantly worse. Anything else is a tie.");
        }
        var failed = result.Trials.Count(t => t.Error is not null);
        Screen.Line($"Finished {result.Trials.Count} of {result.PlannedTrials} trials, {failed} failed. Results: {folder}");
    }

    private static string Rates(ComparedMethod method)
        => method.Rates.Count == 0 ? "-" : string.Join(", ", method.Rates.Select(r => r.ToString("G3", CultureInfo.InvariantCulture)));

    /// <summary>Returns how many of the selected trainings kept the head alone, since no epoch of the adapter was better on the dev rows.</summary>
    private static string HeadAlone(ComparisonResult result, ComparedMethod method)
    {
        if (method.Rates.Count == 0) return "-";
        var (kept, all) = HeadAlone(result, result.Scores.Where(s => s.Method == method.Name));
        return all == 0 ? "-" : $"{kept} of {all}";
    }

    /// <summary>Returns the number of selected trainings that kept epoch 0, and of those whose epoch is known.</summary>
    public static (int Kept, int All) HeadAlone(ComparisonResult result, IEnumerable<ComparisonScore> scores)
    {
        var selected = scores.Select(s => s.Trial).ToHashSet(StringComparer.Ordinal);
        var epochs = result.Trials.Where(t => selected.Contains(t.Key) && t.BestEpoch is not null).Select(t => t.BestEpoch).ToList();
        return (epochs.Count(e => e == 0), epochs.Count);
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
