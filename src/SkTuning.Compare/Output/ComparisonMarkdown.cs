using System.Globalization;
using System.Text;
using SkTuning.Native;
using SkTuning.Tasks;

namespace SkTuning.Compare;

/// <summary>A result as a page of Markdown that is read as plain text too: docs/results.md holds such pages.</summary>
public static class ComparisonMarkdown
{
    /// <summary>The page.</summary>
    /// <param name="result">The result.</param>
    /// <param name="command">The command that made it, for the page's first line; null: it is not told.</param>
    public static string Of(ComparisonResult result, string? command = null)
    {
        var page = new StringBuilder();
        page.Append($"# {result.Name}\n\nMade by `{command ?? "sktuning compare"}`, not by hand.");
        if (!result.IsComplete) page.Append($" **Not complete: {result.Trials.Count} of {result.PlannedTrials} trials; run the command again to go on.**");
        page.Append("\n\n");
        Results(page, result);
        Against(page, result);
        NotBetter(page, result);
        Costs(page, result);
        Data(page, result);
        Failures(page, result);
        Settings(page, result);
        return page.ToString();
    }

    /// <summary>A score as tables show it: hundredths, so that 0.873 is 87.3; a correlation too.</summary>
    internal static string Shown(double score) => (100 * score).ToString("F1", CultureInfo.InvariantCulture);

    /// <summary>Mean ± standard deviation, and how many seeds there were if not all.</summary>
    internal static string Shown(ComparisonSummary s, int seeds)
        => s.Mean is not { } mean ? (s.FailedTrials > 0 ? "failed" : "-") : $"{Shown(mean)}{(s.Sd is { } sd ? $" ± {Shown(sd)}" : "")}{(s.Seeds < seeds ? $" (n = {s.Seeds})" : "")}";

    private static void Results(StringBuilder page, ComparisonResult result)
    {
        page.Append($"## Test scores\n\nMean ± standard deviation over {Count(result.Setup.Seeds.Count, "seed")}, times 100. Dev chose the learning rate and the epoch for each seed; the choice alone was tested. The best mean of each column is in bold.\n\n");
        var best = result.DataSets.ToDictionary(d => d.Name, d => result.Summaries.Where(s => s.DataSet == d.Name).Max(s => s.Mean));
        Table(page, ["Method", .. result.DataSets.Select(d => $"{d.Name}, {d.Metric.Title()}")], result.Methods.Select(m => (string[])
        [
            m.Name, .. result.DataSets.Select(d => result.Summaries.First(s => s.DataSet == d.Name && s.Method == m.Name) is var s && s.Mean is not null && s.Mean == best[d.Name]
                ? $"**{Shown(s, result.Setup.Seeds.Count)}**" : Shown(s, result.Setup.Seeds.Count)),
        ]));
    }

    private static void Against(StringBuilder page, ComparisonResult result)
    {
        if (result.Comparisons.Count == 0) return;
        page.Append($"## {result.Reference} against each method\n\n{Totals(result.Comparisons)} A win or a loss is a difference that neither the choice of test rows (paired bootstrap) nor that of training rows and start values " +
            $"(paired t-test over seeds) explains at p < {PairedComparison.Level.ToString(CultureInfo.InvariantCulture)}; anything else is a tie. " +
            $"{result.Comparisons.Count(c => c.Outcome != PairedOutcome.Tie && c.AdjustedPValue < PairedComparison.Level)} of the wins and losses remain when p is corrected for {Count(result.Comparisons.Count, "comparison")} (Holm).\n\n");
        Table(page, ["Method", "Wins, ties, losses", .. result.DataSets.Select(d => d.Name)], result.Methods.Where(m => m.Name != result.Reference).Select(m =>
        {
            var all = result.Comparisons.Where(c => c.Method == m.Name).ToList();
            return (string[])[m.Name, Counts(all), .. result.DataSets.Select(d => all.FirstOrDefault(c => c.DataSet == d.Name) is { } c ? Cell(c) : "-")];
        }));
    }

    private static void NotBetter(StringBuilder page, ComparisonResult result)
    {
        if (result.Comparisons.Count == 0) return;
        page.Append($"## Where {result.Reference} was not better\n\n");
        if (result.NotBetter.Count == 0) page.Append("Nowhere: it was better than every method on every data set.\n");
        foreach (var c in result.NotBetter)
            page.Append($"- {c.DataSet}: {(c.Outcome == PairedOutcome.Loss ? "worse than" : "not surely better than")} {c.Method}, {Shown(c.ReferenceMean)} to {Shown(c.MethodMean)} (difference {Signed(c.Difference)}, 95 % interval {Signed(c.Low)} to {Signed(c.High)}, p = {P(c.PValue)}).\n");
        page.Append('\n');
    }

    private static void Costs(StringBuilder page, ComparisonResult result)
    {
        page.Append("## What it costs\n\nMeans over data sets. A step is forward and backward of one batch; a trial is all epochs with their evaluation on dev.\n\n");
        Table(page, ["Method", "Trained parameters", "Adapter, KB", "Seconds a step", "Seconds a trial", "Learning rates tried"], result.Methods.Select(m =>
        {
            var all = result.Summaries.Where(s => s.Method == m.Name && s.Mean is not null).ToList();
            if (all.Count == 0) return (string[])[m.Name, "-", "-", "-", "-", Rates(m)];
            var steps = all.Where(s => s.SecondsPerStep is not null).ToList();
            return (string[])
            [
                m.Name, Invariant($"{all.Average(s => s.Parameters):N0}"), all.Any(s => s.AdapterBytes > 0) ? Invariant($"{all.Average(s => s.AdapterBytes) / 1024:N0}") : "-",
                steps.Count > 0 ? Invariant($"{steps.Average(s => s.SecondsPerStep!.Value):F3}") : "-", Invariant($"{all.Average(s => s.SecondsPerTrial):F2}"), Rates(m),
            ];
        }));
    }

    private static void Data(StringBuilder page, ComparisonResult result)
    {
        page.Append("## Data\n\n");
        Table(page, ["Data set", "Metric", "Labels", "Train", "Dev", "Test", "Prompt"], result.DataSets.Select(d => (string[])
            [d.Name, d.Metric.Title(), $"{d.Labels.Count}", $"{d.TrainRows}", $"{d.DevRows}", $"{d.Truth.Count}", d.Prompt]));
        var leaks = result.DataSets.SelectMany(d => d.Leaks.Select(l => (d.Name, Leak: l))).ToList();
        page.Append(leaks.Count == 0 ? "Leaks: none; no row stands in two splits (equal but for case, white space and punctuation).\n\n" : "**Leaks: rows that stand in two splits (equal but for case, white space and punctuation).**\n\n");
        foreach (var (name, l) in leaks)
            page.Append($"- {name}{(l.Seed is { } seed ? $", seed {seed}" : "")}: {Count(l.Rows, "row")} of {l.Split} also in {l.FoundIn}{(l.OtherLabel > 0 ? $", {l.OtherLabel} with another label" : "")}; {l.Split} row {l.Examples[0].Row} is {l.FoundIn} row {l.Examples[0].SameAs}: \"{l.Examples[0].Text}\"\n");
        if (leaks.Count > 0) page.Append('\n');
    }

    private static void Failures(StringBuilder page, ComparisonResult result)
    {
        var failed = result.Summaries.Where(s => s.FailedTrials > 0).ToList();
        if (failed.Count == 0) return;
        page.Append("## Trials that failed\n\n");
        foreach (var s in failed) page.Append($"- {s.Method} on {s.DataSet}: {s.FailedTrials}; the first: {s.Failure}\n");
        page.Append('\n');
    }

    private static void Settings(StringBuilder page, ComparisonResult result)
    {
        var (s, m) = (result.Setup, result.Machine);
        page.Append($"## Settings and machine\n\n- Base: {Path.GetFileName(s.Model.TrimEnd('/', '\\'))}, {s.Family}, {s.ModelParameters.ToString("N0", CultureInfo.InvariantCulture)} parameters, frozen, {s.Precision}.\n" +
            $"- {Count(s.Epochs, "epoch")}, batches of {s.BatchSize}, {s.Pooling} pooling; seeds {string.Join(", ", s.Seeds)}.\n");
        foreach (var method in result.Methods.Where(x => x.Settings.Count > 0 || x.Name != x.Method))
            page.Append($"- {method.Name}: {method.Method}{string.Concat(method.Settings.Select(p => $", {p.Key} = {p.Value}"))}.\n");
        page.Append($"- {(m.Processor.Length > 0 ? m.Processor + ", " : "")}{Count(m.Cores, "core")}, {Count(m.Threads, "thread")}, {m.Device}; {m.System}; {m.Versions}.\n" +
            $"- {Count(result.Trials.Count, "trial")}, {Count(result.Scores.Count, "test")}, {Invariant($"{result.Trials.Sum(t => t.Seconds) / 60:F1}")} minutes of training, {Invariant($"{result.Scores.Sum(t => t.Seconds) / 60:F1}")} of testing.\n");
    }

    private static void Table(StringBuilder page, string[] head, IEnumerable<string[]> rows)
    {
        Line(head);
        Line([.. head.Select((_, i) => i == 0 ? "---" : "---:")]);
        foreach (var row in rows) Line(row);
        page.Append('\n');

        void Line(string[] cells) => page.Append("| ").AppendJoin(" | ", cells.Select(c => c.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" "))).Append(" |\n");
    }

    private static string Totals(IReadOnlyList<PairedComparison> all) => $"{Count(all.Count(c => c.Outcome == PairedOutcome.Win), "win")}, {Count(all.Count(c => c.Outcome == PairedOutcome.Tie), "tie")}, {Count(all.Count(c => c.Outcome == PairedOutcome.Loss), "loss")} over all.";

    private static string Counts(IReadOnlyList<PairedComparison> all) => string.Join(", ", Enum.GetValues<PairedOutcome>().Select(o => all.Count(c => c.Outcome == o)));

    private static string Cell(PairedComparison c) => $"{c.Outcome.ToString().ToLowerInvariant()} {Signed(c.Difference)} (p {P(c.PValue)})";

    private static string Signed(double difference) => (100 * difference).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);

    private static string P(double p) => p < 0.001 ? "< 0.001" : p.ToString("F3", CultureInfo.InvariantCulture);

    private static string Rates(ComparedMethod m) => m.Rates.Count == 0 ? "-" : string.Join(", ", m.Rates.Select(r => r.ToString("G3", CultureInfo.InvariantCulture)));

    private static string Count(int n, string of) => $"{n} {of}{(n == 1 ? "" : of.EndsWith('s') ? "es" : "s")}";

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
