using System.Text;
using SkTuning.Compare;
using SkTuning.Fuzz.Running;
using SkTuning.Reports;

namespace SkTuning.Fuzz.Readers;

/// <summary>Run folders: stopped ones are resumed to the end, and each has a report.</summary>
internal sealed class RunReader : Reader
{
    public override string Name => "run";
    public override int Weight => 4;

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        foreach (var (name, stop) in ((string, int)[])[("step-1", 1), ("step-3", 3), ("ended", int.MaxValue)])
        {
            var path = Path.Combine(folder, name);
            using var cancel = new CancellationTokenSource();
            try { Train(path, resume: false, new Now(p => { if (p.Step == stop) cancel.Cancel(); }), cancel.Token).Dispose(); }
            catch (TrainingCanceledException e) { e.Result.Dispose(); }
            yield return Seed.Of(path, f => f is not ("run.lock" or "environment.json") && !f.StartsWith("tensorboard", StringComparison.Ordinal));
        }
    }

    public override void Use(string folder, Use use)
    {
        Report(folder);
        TextClassifier resumed;
        try { resumed = Train(folder, resume: true, new Now(p => Running.Use.Number("Loss", p.Loss)), default); }
        catch (TrainingDivergedException e)
        {
            // Parameters and moments can be any finite numbers: training from them may diverge, which is reported as such.
            use.Loaded();
            e.Result.Dispose();
            throw;
        }
        use.Loaded();
        using (resumed)
        {
            Running.Use.Number("DevScore", resumed.Report!.DevScore);
            // Few dev rows do not choose the epoch: only the one that is kept is measured.
            Running.Use.Number("DevLoss", resumed.Report.Best!.DevLoss);
            Running.Use.Holds(resumed.Report.Epochs.All(e => !double.IsInfinity(e.DevLoss)), "an infinite loss");
            foreach (var prediction in resumed.Predict(Micro.Texts)) Running.Use.Prediction(prediction);
        }
        Report(folder);
    }

    private static void Report(string folder)
    {
        var html = HtmlReport.OfRun(folder).Html;
        Running.Use.Holds(html.Length > 0, "an empty report");
    }

    private static TextClassifier Train(string folder, bool resume, IProgress<TrainingProgress> progress, CancellationToken cancel) => TextClassifier.Train(
        Micro.Model, Micro.Rows, new()
        {
            Prompt = Micro.Prompt, Method = new SkPrefixOptions { Bottleneck = 2 }, Dev = Micro.Rows,
            Coverage = 0.8, Rejection = new(),
            Training = new() { Epochs = 3, BatchSize = 4, Patience = 0, CheckpointSteps = 1, RunFolder = folder, Resume = resume },
        }, progress, cancel);

    private sealed class Now(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}

/// <summary>Plans of comparisons.</summary>
internal sealed class PlanReader : Reader
{
    private static readonly string Rows = "text\tlabel\n" + string.Concat(Micro.Rows.Select(r => $"{r.Text}\t{r.Label}\n"));

    public override string Name => "plan";

    public static Seed Small => new("small", new Dictionary<string, byte[]>
    {
        ["rows.tsv"] = Encoding.UTF8.GetBytes(Rows),
        ["test.tsv"] = Encoding.UTF8.GetBytes(Rows.Replace("my ", "the ", StringComparison.Ordinal)),
        ["plan.json"] = Encoding.UTF8.GetBytes($$"""
            {"name":"small","model":{{System.Text.Json.JsonSerializer.Serialize(Repository.MicroModel)}},"device":"cpu",
             "precision":"float32","seeds":[1,2],"epochs":1,"batchSize":4,"maxTokens":20,"reference":"probe","threads":1,
             "dataSets":[{"name":"mail","train":"rows.tsv","dev":"rows.tsv","test":"test.tsv","prompt":"is it my box",
             "metric":"macroF1","limit":8,"textColumn":"text"}],
             "methods":[{"method":"majority"},{"method":"probe"},{"name":"lora-2","method":"lora","settings":{"rank":"2"},"rates":[0.01]}]}
            """),
    }, ["plan.json"]);

    public override IEnumerable<Seed> CreateSeeds(string folder) => [Small];

    public override void Use(string folder, Use use)
    {
        var plan = ComparisonPlan.Load(Path.Combine(folder, "plan.json"));
        plan.Validate();
        use.Loaded();
        foreach (var rate in plan.Methods.SelectMany(m => m.RatesTried)) Running.Use.Number("a learning rate", rate);
        Running.Use.Holds(plan.Trials >= 0, "a negative number of trials");
    }
}

/// <summary>The folder of a comparison: continued, tabulated and reported.</summary>
internal sealed class ComparisonReader : Reader
{
    public override string Name => "comparison";

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        InputCase.Write(PlanReader.Small.Files, folder);
        var plan = ComparisonPlan.Load(Path.Combine(folder, "plan.json"));
        ComparisonRunner.Run(plan, Path.Combine(folder, "results")).Save(Path.Combine(folder, "results", ComparisonResult.FileName));
        var seed = Seed.Of(folder);
        yield return seed with { Name = "result", Damaged = [.. seed.Files.Keys.Where(f => f.EndsWith("result.json", StringComparison.Ordinal))] };
        yield return seed with { Name = "trials", Damaged = [.. seed.Files.Keys.Where(f => f.Contains("/trials/") || f.Contains("/tests/"))] };
    }

    public override void Use(string folder, Use use)
    {
        var results = Path.Combine(folder, "results");
        Show(ComparisonResult.Load(results), folder);
        Show(ComparisonRunner.Run(ComparisonPlan.Load(Path.Combine(folder, "plan.json")), results), folder);
        use.Loaded();
    }

    private static void Show(ComparisonResult result, string folder)
    {
        foreach (var score in result.Scores) Running.Use.Number("Score", score.Score);
        foreach (var summary in result.Summaries) Running.Use.Number("Mean", summary.Mean ?? 0);
        HtmlReport.OfComparison(result);
        ComparisonMarkdown.Of(result);
        ComparisonTables.WriteCsv(result, Path.Combine(folder, "tables"));
        ComparisonTables.WriteParquet(result, Path.Combine(folder, "tables"));
    }
}
