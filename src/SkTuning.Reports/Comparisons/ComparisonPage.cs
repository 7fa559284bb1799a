using SkTuning.Compare;
using SkTuning.Native;
using SkTuning.Reports.Html;
using SkTuning.Reports.Pictures;
using SkTuning.Reports.Runs;
using SkTuning.Tasks;

namespace SkTuning.Reports.Comparisons;

/// <summary>A comparison as a page.</summary>
internal static class ComparisonPage
{
    private const int MostClassesPictured = 160;

    public static HtmlReport Of(ComparisonResult result, string? command)
    {
        var page = new Page($"Comparison {result.Name}", $"{Show.Count(result.Methods.Count, "method")}, {Show.Count(result.DataSets.Count, "data set")}, {Show.Count(result.Setup.Seeds.Count, "seed")}, one protocol: dev chooses the learning rate and the epoch for each seed, the choice alone is tested, once.");
        string[] gaps = result.IsComplete ? [] : [$"The comparison is not complete: {result.Trials.Count} of {result.PlannedTrials} trials are done. Run the same command again to go on."];
        page.Section("In short");
        foreach (var gap in gaps) page.Note(gap);
        foreach (var data in result.DataSets.Where(d => d.Leaks.Count > 0)) page.Note($"{data.Name}: rows of one split stand in another too; its scores may flatter every method. See Data.");
        InShort(page, result);
        Scores(page, result);
        Against(page, result);
        NotBetter(page, result);
        Pictures(page, result);
        Costs(page, result);
        Data(page, result);
        Failures(page, result);
        Settings(page, result);
        return new(page.ToHtml($"Made by {command ?? "sktuning report"}, not by hand."), gaps);
    }

    private static void InShort(Page page, ComparisonResult result)
    {
        var all = result.Comparisons;
        if (all.Count == 0)
        {
            page.Text($"{result.Reference}, the reference, has no test score beside another method's: there is nothing to compare it with.");
            return;
        }
        page.Text($"{result.Reference} against each other method on each data set: {Counts(all)}.");
        page.List(result.DataSets.Where(d => all.Any(c => c.DataSet == d.Name)).Select(d =>
        {
            var here = all.Where(c => c.DataSet == d.Name).ToList();
            return $"{d.Name}: {string.Join("; ", Enum.GetValues<PairedOutcome>().Select(o => (Outcome: o, Names: here.Where(c => c.Outcome == o).Select(c => c.Method).ToList())).Where(o => o.Names.Count > 0)
                .Select(o => $"{(o.Outcome switch { PairedOutcome.Win => "better than", PairedOutcome.Tie => "level with", _ => "worse than" })} {string.Join(", ", o.Names)}"))}.";
        }));
        page.Text($"Better or worse is what neither the choice of test rows (paired bootstrap) nor that of training rows and start values (paired t-test over seeds) explains at p < 0.05; level is all else, a difference that may be chance.{Corrected(all)}" +
            (result.Setup.Seeds.Count < 2 ? " With one seed the chance of training cannot be told." : ""));
    }

    private static string Corrected(IReadOnlyList<PairedComparison> all)
    {
        var beyond = all.Where(c => c.Outcome != PairedOutcome.Tie).ToList();
        return beyond.Count == 0 ? "" : $" Of the {beyond.Count} wins and losses, {beyond.Count(c => c.AdjustedPValue < PairedComparison.Level)} remain when p is corrected for {Show.Count(all.Count, "comparison")} (Holm).";
    }

    private static void Scores(Page page, ComparisonResult result)
    {
        page.Section("Test scores");
        var best = result.DataSets.ToDictionary(d => d.Name, d => result.Summaries.Where(s => s.DataSet == d.Name).Max(s => s.Mean));
        page.Table($"Mean ± standard deviation over {Show.Count(result.Setup.Seeds.Count, "seed")}, times 100; the best mean of each column is bold", ["Method", .. result.DataSets.Select(d => Column.Number($"{d.Name}, {Say.Metric(d.Metric)}"))],
            result.Methods.Select(m => (IReadOnlyList<Cell>)[m.Name, .. result.DataSets.Select(d => Summary(result, d, m) is var s ? new Cell(Say.Score(s, result.Setup.Seeds.Count), s.Mean is not null && s.Mean == best[d.Name]) : default)]));
        page.Pictures(result.DataSets.Select(d => ScorePictures.Spread(result, d)));
    }

    private static void Against(Page page, ComparisonResult result)
    {
        if (result.Comparisons.Count == 0) return;
        page.Section($"{result.Reference} against each method");
        page.Table("Paired on the same test rows and seeds; differences times 100, reference minus method", ["Method", "Data set", "Outcome", Column.Number("Difference"), Column.Number("95 % interval"), Column.Number("p, rows"), Column.Number("p, seeds"), Column.Number("p, Holm"), Column.Number("Only reference right"), Column.Number("Only method right")],
            result.Methods.SelectMany(m => result.Comparisons.Where(c => c.Method == m.Name)).Select(c => (IReadOnlyList<Cell>)
            [
                c.Method, c.DataSet, new(Say.Word(c.Outcome), Verdict: c.Outcome switch { PairedOutcome.Win => Verdict.Good, PairedOutcome.Loss => Verdict.Bad, _ => Verdict.Neither }), Say.Signed(c.Difference), $"{Say.Signed(c.Low)} to {Say.Signed(c.High)}",
                Show.Three(c.RowsPValue), c.SeedsPValue is { } seeds ? Show.Three(seeds) : Show.None, Show.Three(c.AdjustedPValue), Show.Whole(c.OnlyReference), Show.Whole(c.OnlyMethod),
            ]));
        var wins = result.Comparisons.Where(c => c.Outcome == PairedOutcome.Win).ToList();
        page.Heading($"Where {result.Reference} was better");
        if (wins.Count == 0) page.Text("Nowhere: no difference in its favour is beyond chance.");
        else page.List(wins.Select(Say.Sentence));
    }

    private static void NotBetter(Page page, ComparisonResult result)
    {
        if (result.Comparisons.Count == 0) return;
        page.Section($"Where {result.Reference} was not better");
        if (result.NotBetter.Count == 0) page.Text("Nowhere: it was better than every method on every data set.");
        foreach (var (outcome, heading) in (ReadOnlySpan<(PairedOutcome, string)>)[(PairedOutcome.Loss, "It lost"), (PairedOutcome.Tie, "It tied: the difference may be chance")])
        {
            var some = result.NotBetter.Where(c => c.Outcome == outcome).ToList();
            if (some.Count == 0) continue;
            page.Heading($"{heading} ({some.Count} of {result.Comparisons.Count})");
            page.List(some.Select(Say.Sentence));
        }
    }

    private static void Pictures(Page page, ComparisonResult result)
    {
        page.Section("Scores against trained parameters");
        page.Pictures(result.DataSets.Select(d => ScorePictures.AgainstParameters(result, d)));
        page.Section("Scores against rows");
        var rows = result.DataSets.Select(d => d.Task).Distinct().Select(t => ScorePictures.AgainstRows(result, t)).OfType<Pictures.Picture>().ToList();
        if (rows.Count == 0) page.Text("The plan has no task with more than one number of training rows, so there is no curve. Data sets of one task (\"task\" in the plan) and different \"shots\" or \"limit\" make one.");
        page.Pictures(rows);
        page.Section("Learning curves");
        page.Pictures(result.DataSets.Select(d => ScorePictures.Curves(result, d)));
        page.Section("Classes");
        foreach (var data in result.DataSets.Where(d => d.Labels.Count > MostClassesPictured)) page.Text($"{data.Name} has {data.Labels.Count} classes, too many for a picture: classes.csv has them.");
        page.Pictures(result.DataSets.Where(d => d.Labels.Count <= MostClassesPictured).Select(d => ScorePictures.Classes(result, d)));
    }

    private static void Costs(Page page, ComparisonResult result)
    {
        page.Section("What it costs");
        page.Table("Means over data sets; a step is forward and backward of one batch, a trial is all epochs with their evaluation on dev", ["Method", Column.Number("Trained parameters"), Column.Number("Adapter, KB"), Column.Number("Seconds a step"), Column.Number("Seconds a trial"), Column.Number("Learning rates tried")],
            result.Methods.Select(m =>
            {
                var all = result.Summaries.Where(s => s.Method == m.Name && s.Mean is not null).ToList();
                var steps = all.Where(s => s.SecondsPerStep is not null).ToList();
                return (IReadOnlyList<Cell>)
                [
                    m.Name, Mean(all, s => s.Parameters, "N0"), Mean([.. all.Where(s => s.AdapterBytes > 0)], s => s.AdapterBytes / 1024.0, "N0"), Mean(steps, s => s.SecondsPerStep!.Value, "F3"),
                    Mean(all, s => s.SecondsPerTrial, "F2"), m.Rates.Count == 0 ? Show.None : string.Join(", ", m.Rates.Select(r => Show.Number(r, "G3"))),
                ];
            }));

        static string Mean(List<ComparisonSummary> all, Func<ComparisonSummary, double> value, string format) => all.Count == 0 ? Show.None : Show.Number(all.Average(value), format);
    }

    private static void Data(Page page, ComparisonResult result)
    {
        page.Section("Data");
        page.Table("Data sets", ["Data set", "Metric", Column.Number("Labels"), Column.Number("Train"), Column.Number("Dev"), Column.Number("Test"), Column.Prose("The task as the methods read it")],
            result.DataSets.Select(d => (IReadOnlyList<Cell>)[d.Name, Say.Metric(d.Metric), Show.Whole(d.Labels.Count), Show.Whole(d.TrainRows), Show.Whole(d.DevRows), Show.Whole(d.Truth.Count), d.Prompt]));
        var leaks = result.DataSets.SelectMany(d => d.Leaks.Select(l => (d.Name, Leak: l))).ToList();
        if (leaks.Count == 0) page.Text("No row stands in two splits (equal but for case, white space and punctuation).");
        else page.Table("Rows that stand in two splits (equal but for case, white space and punctuation)", ["Data set", "Rows of", "Stand in", Column.Number("Rows"), Column.Number("With another label"), Column.Prose("The first")],
            leaks.Select(l => (IReadOnlyList<Cell>)[l.Name, $"{l.Leak.Split}{(l.Leak.Seed is { } seed ? $", seed {seed}" : "")}", l.Leak.FoundIn, Show.Whole(l.Leak.Rows), Show.Whole(l.Leak.OtherLabel),
                l.Leak.Examples is [var first, ..] ? $"{l.Leak.Split} row {first.Row} is {l.Leak.FoundIn} row {first.SameAs}: {first.Text}" : Show.None]));
    }

    private static void Failures(Page page, ComparisonResult result)
    {
        var failed = result.Summaries.Where(s => s.FailedTrials > 0).ToList();
        if (failed.Count == 0) return;
        page.Section("Trials that failed");
        page.List(failed.Select(s => $"{s.Method} on {s.DataSet}: {Show.Count(s.FailedTrials, "trial")}; the first: {s.Failure}"));
    }

    private static void Settings(Page page, ComparisonResult result)
    {
        page.Section("Settings and machine");
        var (s, m) = (result.Setup, result.Machine);
        page.List(
        [
            $"Base: {s.Model.TrimEnd('/', '\\').Split('/', '\\')[^1]}, {s.Family}, {Show.Whole(s.ModelParameters)} parameters, frozen, {s.Precision}.",
            $"{Show.Count(s.Epochs, "epoch")}, batches of {s.BatchSize}, {s.Pooling} pooling; seeds {string.Join(", ", s.Seeds)}.",
            .. result.Methods.Where(x => x.Settings.Count > 0 || x.Name != x.Method).Select(x => $"{x.Name}: {x.Method}{string.Concat(x.Settings.Select(p => $", {p.Key} = {p.Value}"))}."),
            $"{(m.Processor.Length > 0 ? m.Processor + ", " : "")}{Show.Count(m.Cores, "core")}, {Show.Count(m.Threads, "thread")}, {m.Device}; {m.System}; {m.Versions}.",
            $"{Show.Count(result.Trials.Count, "trial")} of {result.PlannedTrials}, {Show.Count(result.Scores.Count, "test")}, {Show.Time(result.Trials.Sum(t => t.Seconds))} of training, {Show.Time(result.Scores.Sum(t => t.Seconds))} of testing.",
        ]);
    }

    private static ComparisonSummary Summary(ComparisonResult result, ComparedDataSet data, ComparedMethod method) => result.Summaries.First(s => s.DataSet == data.Name && s.Method == method.Name);

    private static string Counts(IReadOnlyList<PairedComparison> all) => $"{Show.Count(all.Count(c => c.Outcome == PairedOutcome.Win), "win")}, {Show.Count(all.Count(c => c.Outcome == PairedOutcome.Tie), "tie")}, {Show.Count(all.Count(c => c.Outcome == PairedOutcome.Loss), "loss")}";
}
