using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Reports;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Runs the comparison described by a plan.</summary>
internal static class CompareCommand
{
    private const string Summary = "summary.md";

    public static Command Create(Interruption interruption)
    {
        var command = new Command("compare", """
            Compare tuning methods on data sets over several seeds and learning rates, as described by a plan.
            The dev split selects the learning rate and the epoch; only the selected trial is tested, once.
            For a data set with "dev": "none", all training rows train, each method has one learning rate, and its last step is tested.
            An interrupted comparison resumes when you run the same command again: finished trials are kept in the results folder.

            Examples:
              sktuning compare --init plan.json
              sktuning compare plan.json
              sktuning compare plan.json --out results --markdown summary.md
              sktuning compare plan.json --docs docs/results.md
            """);
        var plan = new Argument<string?>("plan")
        {
            Description = "The plan, a JSON file that lists the model, data sets, methods, seeds and epochs (docs/comparing.md).",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var init = new Option<string?>("--init") { Description = "Write a plan to start from to this file, with comments, and compare nothing." };
        var target = new Option<string?>("--out")
        {
            Description = "The results folder. The default is the name of the plan's file without its extension, followed by -results, in the current folder.",
        };
        var markdown = new Option<string?>("--markdown") { Description = "A file to also write the Markdown summary to." };
        var docs = new Option<string?>("--docs")
        {
            Description = "A Markdown file to insert the summary into, between the two marker comments for this plan. " +
                "The rest of the file is left unchanged. If the file has no markers, they are added at its end.",
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        command.Add(plan);
        foreach (var option in (Option[])[init, target, markdown, docs, json]) command.Add(option);
        command.AddRule(result =>
        {
            if (result.GetValue(plan) is null == result.GetValue(init) is null)
                result.AddError("Specify either a plan, or '--init' with a file to write one to.");
        });
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(init) is { } path) return Init(path);
            var file = parsed.GetValue(plan)!;
            var read = ComparisonPlan.Load(file);
            var folder = parsed.GetValue(target) ?? Path.GetFileNameWithoutExtension(file) + "-results";
            var (pages, quiet) = (new Pages(parsed.GetValue(markdown), parsed.GetValue(docs)), parsed.GetValue(json));
            RequireFiles(folder);
            RuntimeSettings.Start(read.Threads, fast: true);
            try
            {
                var result = ComparisonDisplay.Show(quiet,
                    progress => ComparisonRunner.Run(read, folder, new Started(progress, interruption), interruption.Token));
                Finish(result, file, folder, pages, quiet);
                if (!quiet) Screen.Line($"Report: {Path.Combine(folder, ReportCommand.FileName)}");
                return ExitCodes.Success;
            }
            catch (ComparisonCanceledException e)
            {
                interruption.Finishes();
                Finish(e.Result, file, folder, pages, quiet);
                Screen.Warning($"interrupted: {e.Result.Trials.Count} of {e.Result.PlannedTrials} trials are done. Run the same command again to resume.");
                return interruption.ExitCode;
            }
        });
        return command;
    }

    private static int Init(string file)
    {
        if (Path.Exists(file)) throw SkTuningException.BadFile(file, null, "an existing file", "a new one", "Choose another name, or delete the file.");
        AtomicFile.WriteText(file, StartPlan.Text);
        Screen.Line($"Saved: {file}. Replace the model, the prompt and the files of rows with your own.");
        Screen.Try("compare", [file]);
        return ExitCodes.Success;
    }

    /// <summary>Notes that trials are being trained: an interrupted comparison saves those that are done.</summary>
    private sealed class Started(IProgress<ComparisonProgress>? progress, Interruption interruption) : IProgress<ComparisonProgress>
    {
        public void Report(ComparisonProgress value)
        {
            interruption.Finishes();
            progress?.Report(value);
        }
    }

    /// <summary>The files the summary is written to in addition to the results folder.</summary>
    private sealed record Pages(string? Markdown, string? Docs);

    /// <summary>Writes the result and shows it, also if it cannot be written.</summary>
    private static void Finish(ComparisonResult result, string plan, string folder, Pages pages, bool json)
    {
        try { Write(result, plan, folder, pages); }
        finally { Show(result, folder, json); }
    }

    private static void Write(ComparisonResult result, string plan, string folder, Pages pages)
    {
        result.Save(Path.Combine(folder, ComparisonResult.FileName));
        ComparisonTables.WriteCsv(result, folder);
        ComparisonTables.WriteParquet(result, folder);
        var command = $"sktuning compare {Path.GetFileName(plan)}";
        var page = ComparisonMarkdown.Of(result, command);
        foreach (var file in new[] { Path.Combine(folder, Summary), pages.Markdown }.OfType<string>()) AtomicFile.WriteText(file, page);
        if (pages.Docs is { } docs) AtomicFile.WriteText(docs, MarkedText.Put(docs, $"compare {result.Name}", MarkedText.Deeper(page)));
        HtmlReport.OfComparison(result, command).Save(Path.Combine(folder, ReportCommand.FileName));
    }

    private static void Show(ComparisonResult result, string folder, bool json)
    {
        foreach (var data in result.DataSets)
            foreach (var leak in data.Leaks)
                Screen.Warning($"{data.Name}{(leak.Seed is { } seed ? $", seed {seed}" : "")}: " +
                    $"{(leak.Rows == 1 ? "1 row" : $"{leak.Rows} rows")} of {leak.Split} " +
                    $"also {(leak.Rows == 1 ? "appears" : "appear")} in {leak.FoundIn}, for example \"{leak.Examples[0].Text}\".");
        if (json) Screen.Json(Json(result, folder));
        else ComparisonDisplay.Tables(result, folder);
    }

    /// <summary>Refuses links and folders in the places of the files that are written to the results folder at the end.</summary>
    private static void RequireFiles(string folder)
    {
        var tables = ComparisonTables.Names.SelectMany(name => (string[])[name + ".csv", name + ".parquet"]);
        foreach (var name in (string[])[ComparisonResult.FileName, Summary, ReportCommand.FileName, .. tables]) FolderFile.Require(Path.Combine(folder, name));
    }

    private static JsonObject Json(ComparisonResult result, string folder) => new()
    {
        ["results"] = folder,
        ["complete"] = result.IsComplete,
        ["trials"] = result.Trials.Count,
        ["plannedTrials"] = result.PlannedTrials,
        ["failedTrials"] = result.Trials.Count(t => t.Error is not null),
        ["reference"] = result.Reference,
        ["summaries"] = new JsonArray([.. result.Summaries.Select(s => new JsonObject
        {
            ["dataSet"] = s.DataSet,
            ["method"] = s.Method,
            ["metric"] = s.Metric.ToString(),
            ["seeds"] = s.Seeds,
            ["mean"] = s.Mean,
            ["sd"] = s.Sd,
            ["selectedRates"] = new JsonArray([.. s.Rates.Select(r => (JsonNode)r)]),
            ["epoch0Kept"] = ComparisonDisplay.HeadAlone(result, result.Scores.Where(c => c.DataSet == s.DataSet && c.Method == s.Method)).Kept,
            ["parameters"] = s.Parameters,
            ["adapterBytes"] = s.AdapterBytes,
            ["secondsPerStep"] = s.SecondsPerStep,
            ["failedTrials"] = s.FailedTrials,
        })]),
        ["comparisons"] = new JsonArray([.. result.Comparisons.Select(c => new JsonObject
        {
            ["dataSet"] = c.DataSet,
            ["method"] = c.Method,
            ["outcome"] = c.Outcome.ToString().ToLowerInvariant(),
            ["difference"] = c.Difference,
            ["low"] = c.Low,
            ["high"] = c.High,
            ["p"] = c.PValue,
            ["pHolm"] = c.AdjustedPValue,
        })]),
        ["leaks"] = new JsonArray([.. result.DataSets.SelectMany(d => d.Leaks.Select(l => new JsonObject
        {
            ["dataSet"] = d.Name,
            ["seed"] = l.Seed,
            ["split"] = l.Split,
            ["foundIn"] = l.FoundIn,
            ["rows"] = l.Rows,
        }))]),
    };
}
