using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Adapters;
using SkTuning.Classifiers.Ordinal;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;
using SkTuning.Training.Runs;

namespace SkTuning.Tool.Commands;

/// <summary>Trains an adapter on the rows of a file.</summary>
internal static class TrainCommand
{
    /// <summary>The maximum number of misleading texts that are printed.</summary>
    private const int MaxTexts = 3;

    public static Command Create(Interruption interruption)
    {
        var command = new Command("train", """
            Train an adapter on the rows of files (TSV, CSV, JSONL or Parquet; CoNLL for tagged words).

            Examples:
              sktuning train --train rows.tsv --out my-adapter
              sktuning train --train rows.tsv --describe "returns=sending goods back" --describe "payment=charges" --out topics
              sktuning train --model ./my-model --train train.csv --dev dev.csv --describe labels.txt --out sentiment
              sktuning train --train rows.tsv --preset cp-tuning --out my-adapter
              sktuning train --train rows.tsv --method sk-prefix --prompt "Classify the topic of the customer's message:" --out my-adapter
              sktuning train --train rows.tsv --describe labels.json --search-labels 32 --out topics
              sktuning train --describe labels.json --out topics
              sktuning train --train rows.tsv --coverage 0.95 --out my-adapter
              sktuning train --train rows.tsv --prune 0.5 --out my-adapter
              sktuning train --train rows.tsv --run runs/topic
              sktuning train --train rows.tsv --run runs/topic --resume
              sktuning train --train rows.tsv --reject --out-of-scope-label oos --out my-adapter
              sktuning train --train more-rows.tsv --start-from my-adapter --out my-adapter-2
              sktuning train --train rows.tsv corrections.jsonl --start-from my-adapter --out my-adapter-2
              sktuning train --train rows.tsv --method zero-shot --template "{text} The message is about" --out zero-shot
              sktuning train --task regression --train pairs.tsv --out similarity
              sktuning train --task ordinal --levels low medium high --train tickets.tsv --out urgency
              sktuning train --task tokens --train sentences.tsv --out names
            """);
        var (model, rows, training) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command), new TrainingArguments().AddTo(command));
        var train = new Option<string[]>("--train")
        {
            Description = "The file of training rows (.tsv, .csv, .jsonl or .parquet; tagged words: .conll, .tsv, .jsonl or .parquet), or several. Without it, "
                + "the texts of the labels (--describe) alone make a classifier, which later rows improve (--start-from).",
            AllowMultipleArgumentsPerToken = true,
        };
        var dev = new Option<string?>("--dev")
        {
            Description = "The file of rows that are not trained on: they say whether the adapter helped and, if there are 200 or more, select the best "
                + "epoch. By default, all rows train and a cross-validation (--folds) takes their place; from 2,000 rows on, a tenth is held out.",
        };
        var target = new Option<string?>("--out")
        {
            Description = "The folder to save the adapter to. An existing adapter is replaced when the training is complete; otherwise, "
                + "what was trained is saved to the folder with .interrupted added to its name. "
                + "The default is the subfolder adapter of the run folder (--run).",
        };
        var task = new Option<string>("--task")
        {
            Description = "What to predict for a row: one label, one of several ordered levels (ordinal), several labels (--label-separator), a number, or "
                + "a tag for each word (two columns, or JSONL).",
            DefaultValueFactory = _ => TaskKinds.All[0].Name,
        };
        task.AcceptOnlyFromAmong([.. TaskKinds.All.Select(t => t.Name)]);
        var levels = new Option<string[]>("--levels")
        {
            Description = "Task ordinal: all levels, lowest first: --levels low medium high. By default, labels that are numbers are in ascending order, and "
                + "others in the order of their first appearance in the training rows.",
            AllowMultipleArgumentsPerToken = true,
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (var option in (Option[])[task, levels, train, dev, target, json]) command.Add(option);
        command.AddRule(result =>
        {
            if (result.GetValue(target) is null && training.Loop.Run(result) is null) result.AddError("Option '--out' or '--run' is required.");
        });
        command.AddRule(result =>
        {
            if (result.GetValue(train) is { Length: > 0 }) return;
            if (!training.HasDescriptions(result)) result.AddError("Option '--train' is required, or '--describe' with the texts of two labels or more.");
            else if (training.NeedsRows(result) is { } option) result.AddError($"Option '{option}' requires '--train'.");
            else if (result.GetValue(target) is null) result.AddError("Option '--out' is required.");
            else if (result.GetValue(task) is { } name && name != TaskKinds.All[0].Name)
                result.AddError($"Option '--train' is required for the task {name}.");
        });
        command.AddRule(result =>
        {
            if (result.GetValue(levels) is { Length: > 0 } && result.GetValue(task) != new OrdinalTask().Name)
                result.AddError("Option '--levels' requires '--task ordinal'.");
        });
        command.SetAction(parsed =>
        {
            var clock = Stopwatch.StartNew();
            using var loaded = model.Load(parsed, training.StartFrom(parsed));
            var (folder, asJson) = (parsed.GetValue(target) ?? Path.Combine(training.Loop.Run(parsed.CommandResult)!, RunFiles.Adapter), parsed.GetValue(json));
            AdapterTarget.Require(folder);
            var request = new TrainRequest(TaskKinds.Get(parsed.GetValue(task)!), parsed.GetValue(train) ?? [], parsed.GetValue(dev), rows, training, parsed)
            {
                OnTraining = interruption.Finishes,
                Levels = parsed.GetValue(levels) is { Length: > 0 } given ? given : null,
            };
            if (training.PresetOf(parsed)?.LeftOut(loaded) is { } leftOut) Screen.Warning(leftOut);
            using var session = new TrainingSession(loaded);
            (request, var searches) = TextSearches.Run(request, session, interruption.Token);
            double? rate = training.Loop.SearchesRate(parsed) ? LearningRateSearch.Run(session, request, interruption.Token) : null;
            try
            {
                using var adapter = TrainingDisplay.Show(asJson, "train",
                    progress => request.Run(session, o => o with { LearningRate = rate ?? o.LearningRate }, progress, interruption.Token));
                Finish(adapter, folder, asJson, command, searches);
                if (!asJson) Suggest(adapter, folder, clock.Elapsed, model.ToRepeat(parsed, folder));
                return ExitCodes.Success;
            }
            catch (TrainingCanceledException e)
            {
                using var adapter = e.Result;
                var partial = Incomplete();
                Finish(adapter, partial, asJson, command, searches);
                var resume = training.Loop.Run(parsed.CommandResult) is null ? "" : " Run the command again with --resume to continue.";
                Screen.Warning($"interrupted: saved the best adapter so far{Kept(partial)}.{resume}");
                return interruption.ExitCode;
            }
            catch (TrainingDivergedException e)
            {
                using var adapter = e.Result;
                var partial = Incomplete();
                Finish(adapter, partial, asJson, command, searches);
                throw new SkTuningException($"{e.Message} Saved{Kept(partial)}.", e);
            }

            // The run folder's own adapter belongs to this run, and a resumed run replaces it.
            string Incomplete() => parsed.GetValue(target) is null ? folder : AdapterTarget.ForIncomplete(folder);

            string Kept(string partial) => partial == folder ? $" to {partial}" : $" to {partial}; the adapter in {folder} is unchanged";
        });
        return command;
    }

    private static void Finish(TunedAdapter adapter, string folder, bool json, Command command, JsonObject searches)
    {
        adapter.Save(folder);
        var report = adapter.Report!;
        foreach (var warning in report.Warnings) Screen.Warning(OptionTerms.Of(warning, command));
        if (report.TruncatedRows > 0)
            Screen.Warning($"{(report.TruncatedRows == 1 ? "1 training text was" : $"{report.TruncatedRows} training texts were")} " +
                "longer than the maximum length and truncated.");
        if (report.RunFolderError is { } error) Screen.Warning($"the run folder is not complete: {error}");
        if (report.RecomputesActivations) Screen.Warning("activations were recomputed in the backward pass because there was not enough memory to keep them.");
        if (json)
        {
            var result = Result(adapter, report, folder);
            if (report.Rejection is { } rejects) result["rejection"] = rejects.ToJson();
            foreach (var (name, found) in searches) result[name] = found?.DeepClone();
            Screen.Json(result);
            return;
        }
        if (report.MethodReason is { } reason) Screen.Line($"Method {reason}.");
        if (report.Distillation is { } distilled)
        {
            var distance = FormattableString.Invariant($"the distance went from {distilled.Before:G3} to {distilled.After:G3}");
            Screen.Line($"Distilled {Screen.Number(distilled.PromptTokens)} tokens of the prompt into {Screen.Number(distilled.PrefixTokens)} positions " +
                $"in {Screen.Number(distilled.Steps)} steps on {Screen.Number(distilled.Texts)} texts: {distance}.");
        }
        if (report.Epochs.Count > 1 && report.LearningCurve.Length > 0) Screen.Line(report.LearningCurve);
        if (report.TrainRows == 0) Screen.Line($"Made a classifier of {adapter.Labels.Count} labels from their texts. Nothing was trained.{Score(report)}");
        else Screen.Line($"Trained {Screen.Number(adapter.ParameterCount)} parameters on {Screen.Number(report.TrainRows)} rows " +
            $"in {report.Steps} {(report.Steps == 1 ? "step" : "steps")} and {Screen.Seconds(report.Seconds)} s.{Score(report)}");
        if (adapter.Pruning is { } pruning)
        {
            Screen.Line($"Kept {Screen.Number(pruning.KeptUnits)} of {Screen.Number(pruning.Units)} feed-forward units, by {PruningFile.NameOf(pruning.By)}; "
                + $"their weights take {(pruning.Memory / 1e6).ToString("F1", CultureInfo.InvariantCulture)} MB in addition to the model.");
        }
        if (report.Verdict is { AdapterScore: not null } verdict) Screen.Line(verdict.Advice is null ? verdict.Summary : $"{verdict.Summary} {verdict.Advice}");
        if (adapter is OrdinalClassifier ordinal) Screen.Line($"Levels, lowest first, {OrderOf(ordinal)}: {Levels.Text(ordinal.Labels)}.");
        if (report.Descriptions is { } texts)
        {
            Screen.Line(texts.Summary);
            foreach (var text in texts.Misleading.Take(MaxTexts)) Screen.Line(texts.Sentence(text));
        }
        if (Sets(adapter) is { } sets)
        {
            Screen.Line($"Sets of possible labels contain the true one with a probability of {Screen.Percent(sets.Coverage)} "
                + $"(calibrated on {Screen.Number(sets.Rows)} rows).");
        }
        if (report.Rejection is { } rejection) Screen.Line(rejection.ToString());
        Screen.Line($"Saved: {folder}");
    }

    /// <summary>Prints the total time, and a command that predicts a text with the adapter.</summary>
    private static void Suggest(TunedAdapter adapter, string folder, TimeSpan total, string[] model)
    {
        Screen.Line(FormattableString.Invariant($"Total time: {total.TotalSeconds:F1} s."));
        Screen.Try("predict", model, ["--adapter", folder, "a text to classify"],
            adapter.ReadsPairs ? ["--text2", "its second text"] : []);
    }

    private static PredictionSets? Sets(TunedAdapter adapter) => (adapter as TextClassifier)?.Decision.Sets;

    /// <summary>Returns what the order of the levels comes from, in words.</summary>
    private static string OrderOf(OrdinalClassifier classifier) => classifier.Order switch
    {
        LevelOrder.Number => "by number",
        LevelOrder.Appearance => "by first appearance in the rows",
        _ => "as given",
    };

    /// <summary>Returns a sentence with the score of what was kept, and the rows that it was measured on; empty if nothing was measured.</summary>
    private static string Score(TrainingReport report)
    {
        if (double.IsNaN(report.DevScore)) return "";
        var score = report.DevScore.ToString("F4", CultureInfo.InvariantCulture);
        if (report.Verdict is { Folds: > 0 and var parts }) return $" The {report.Metric} is {score} by cross-validation in {parts} parts.";
        var rows = $"{report.Metric} {score} on {Screen.Number(report.DevRows)} rows.";
        var wereAllMeasured = report.Epochs.All(e => double.IsFinite(e.DevScore));
        return wereAllMeasured && report.Best is { } best
            ? $" Best epoch: {best.Epoch.ToString(CultureInfo.InvariantCulture)}, with dev {rows}"
            : $" Dev {rows}";
    }

    private static JsonObject Result(TunedAdapter adapter, TrainingReport report, string folder)
    {
        var result = Common(adapter, report, folder);
        if (adapter is OrdinalClassifier ordinal) result["levelOrder"] = OrdinalSettings.NameOf(ordinal.Order);
        return result;
    }

    private static JsonObject Common(TunedAdapter adapter, TrainingReport report, string folder) => new()
    {
        ["adapter"] = folder,
        ["method"] = adapter.Method,
        ["methodReason"] = report.MethodReason,
        ["task"] = adapter.Task.Name,
        ["labels"] = new JsonArray([.. adapter.Labels.Where(_ => adapter.Task.FixedLabels is null).Select(l => (JsonNode)l)]),
        ["parameters"] = adapter.ParameterCount,
        ["metric"] = report.Metric,
        ["devScore"] = double.IsNaN(report.DevScore) ? null : report.DevScore,
        ["adapterHelped"] = report.AdapterHelped,
        ["verdict"] = RunJson.Verdict(report.Verdict),
        ["descriptions"] = RunJson.Descriptions(report.Descriptions),
        ["distillation"] = RunJson.Distillation(report.Distillation),
        ["bestEpoch"] = report.Best?.Epoch,
        ["pruning"] = adapter.Pruning is not { } pruning ? null : new JsonObject
        {
            ["by"] = PruningFile.NameOf(pruning.By), ["units"] = pruning.Units, ["keptUnits"] = pruning.KeptUnits, ["memory"] = pruning.Memory,
        },
        ["coverage"] = Sets(adapter)?.Coverage,
        ["steps"] = report.Steps,
        ["seconds"] = report.Seconds,
        ["trainRows"] = report.TrainRows,
        ["devRows"] = report.DevRows,
        ["cutRows"] = report.TruncatedRows,
        ["interrupted"] = report.WasCanceled,
        ["diverged"] = report.Divergence is not null,
        ["rowsAtOnce"] = report.RowsAtOnce,
    };
}
