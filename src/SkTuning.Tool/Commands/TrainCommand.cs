using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Reports.Runs;
using SkTuning.Reports;
using SkTuning.Tasks;
using SkTuning.Tool.Output;
using SkTuning.Tool.Tasks;
using SkTuning.Training;

namespace SkTuning.Tool.Commands;

/// <summary>Trains an adapter on rows from a file.</summary>
internal static class TrainCommand
{
    public static Command Create(Interruption interruption)
    {
        var command = new Command("train", """
            Train an adapter on rows from a TSV, CSV, JSONL or Parquet file.

            Examples:
              sktuning train --train rows.tsv --prompt "Classify the topic of the customer's message:" --out my-adapter
              sktuning train --model ./my-model --train train.csv --dev dev.csv --prompt "Is the review positive or negative?" --out sentiment --epochs 5
              sktuning train --train rows.tsv --prompt "Classify the topic:" --run runs/topic
              sktuning train --train rows.tsv --prompt "Classify the topic:" --run runs/topic --resume
              sktuning train --train more-rows.tsv --start-from my-adapter --out my-adapter-2
              sktuning train --train rows.tsv --method zero-shot --template "{text} The message is about" --out zero-shot
              sktuning train --train rows.tsv --prompt "Classify the topic:" --describe "returns=sending goods back" --describe "payment=charges and invoices" --out my-adapter
              sktuning train --task regression --train pairs.tsv --prompt "How alike are the two sentences?" --out similarity
              sktuning train --task tokens --train sentences.tsv --prompt "Find the names of people and places:" --out names
            """);
        var (model, rows, training) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command), new TrainingArguments().AddTo(command));
        var train = new Option<string>("--train") { Description = "Rows to train on (.tsv, .csv, .jsonl, .parquet; words with tags: .conll, .tsv, .jsonl, .parquet).", Required = true };
        var dev = new Option<string?>("--dev") { Description = "Rows that choose the best epoch. Default: a stratified tenth of the training rows." };
        var target = new Option<string?>("--out") { Description = "Folder of the adapter; an adapter that is there is replaced. Default: the folder adapter in --run." };
        var task = new Option<string>("--task") { Description = "What is told of a row: one label, several (--label-separator), a number, or a tag for each word (two columns, or JSONL).", DefaultValueFactory = _ => "single-label" };
        task.AcceptOnlyFromAmong([.. ToolTask.All.Select(t => t.Name)]);
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        foreach (var option in (Option[])[task, train, dev, target, json]) command.Add(option);
        command.Validators.Add(result => { if (result.GetValue(target) is null && training.Loop.Run(result) is null) result.AddError("Option '--out' is required (or --run)."); });
        command.Validators.Add(result => { if (training.StartFrom(result) is not null && result.GetValue(task) is { } name && name != "single-label") result.AddError("--start-from goes with --task single-label."); });
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var (folder, asJson) = (parsed.GetValue(target) ?? Path.Combine(training.Loop.Run(parsed.CommandResult)!, "adapter"), parsed.GetValue(json));
            var request = new TrainRequest(loaded, parsed.GetValue(train)!, parsed.GetValue(dev), rows, training, parsed);
            var tool = ToolTask.Named(parsed.GetValue(task)!);
            using var sweep = new TuningSweep(loaded);
            if (training.Loop.SearchesRate(parsed))
            {
                var rate = LearningRateSearch.Run(sweep, tool, request, interruption.Token);
                request = request with { Change = o => o with { LearningRate = rate } };
            }
            try
            {
                using var adapter = TrainingDisplay.Show(asJson, "train", progress => sweep.Train(_ => tool.Train(request, progress, interruption.Token)));
                Finish(adapter, folder, asJson);
                return Program.Done;
            }
            catch (TrainingCanceledException e)
            {
                using var adapter = e.SoFar;
                Finish(adapter, folder, asJson);
                Screen.Warning($"interrupted: the adapter is the best so far.{(training.Loop.Run(parsed.CommandResult) is null ? "" : " Go on with --resume.")}");
                return interruption.ExitCode;
            }
            catch (TrainingDivergedException e)
            {
                using var adapter = e.SoFar;
                Finish(adapter, folder, asJson);
                throw new SkTuningException(e.Message, e);
            }
        });
        return command;
    }

    private static void Finish(TunedAdapter adapter, string folder, bool json)
    {
        adapter.Save(folder);
        var report = adapter.Report!;
        if (report.TruncatedRows > 0) Screen.Warning($"{report.TruncatedRows} training texts were longer than the model reads and lost a part.");
        if (report.RecomputesActivations) Screen.Warning("activations were computed again in backward, since memory did not suffice to keep them.");
        if (json)
        {
            Screen.Json(new JsonObject
            {
                ["adapter"] = folder,
                ["method"] = adapter.Method,
                ["task"] = TunedAdapter.TaskOf(folder),
                ["labels"] = new JsonArray([.. Labels(adapter).Select(l => (JsonNode)l)]),
                ["parameters"] = adapter.ParameterCount,
                ["metric"] = report.Metric,
                ["devScore"] = double.IsNaN(report.DevScore) ? null : report.DevScore,
                ["bestEpoch"] = report.Best?.Epoch,
                ["steps"] = report.Steps,
                ["seconds"] = report.Seconds,
                ["trainRows"] = report.TrainRows,
                ["devRows"] = report.DevRows,
                ["cutRows"] = report.TruncatedRows,
                ["interrupted"] = report.WasCanceled,
                ["diverged"] = report.Divergence is not null,
                ["rowsAtOnce"] = report.RowsAtOnce,
            });
            return;
        }
        if (report.Epochs.Count > 1) Screen.Line(report.LearningCurve);
        Screen.Line($"{Screen.Number(report.TrainRows)} rows, {report.Steps} steps, {Screen.Seconds(report.Seconds)} s; dev {report.Metric} {report.DevScore.ToString("F4", CultureInfo.InvariantCulture)} behind epoch {report.Best?.Epoch.ToString() ?? "-"} ({Screen.Number(report.DevRows)} rows); {Screen.Number(adapter.ParameterCount)} parameters.");
        Screen.Line($"Saved: {folder}");
    }

    private static IEnumerable<string> Labels(TunedAdapter adapter) => adapter switch
    {
        TextClassifier classifier => classifier.Labels,
        MultiLabelClassifier classifier => classifier.Labels,
        TokenClassifier classifier => classifier.Tags,
        _ => [],
    };
}
