using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Data;
using SkTuning.Inference;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Trains an adapter on rows from a file.</summary>
internal static class TrainCommand
{
    public static Command Create(Interruption interruption)
    {
        var command = new Command("train", """
            Train an adapter on rows from a TSV, CSV or JSONL file.

            Examples:
              sktuning train --train rows.tsv --prompt "Classify the topic of the customer's message:" --out my-adapter
              sktuning train --model ./my-model --train train.csv --dev dev.csv --prompt "Is the review positive or negative?" --out sentiment --epochs 5
              sktuning train --train rows.tsv --prompt "Classify the topic:" --run runs/topic
              sktuning train --train rows.tsv --prompt "Classify the topic:" --run runs/topic --resume
            """);
        var (model, rows, training) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command), new TrainingArguments().AddTo(command));
        var train = new Option<string>("--train") { Description = "Rows to train on (.tsv, .csv, .jsonl).", Required = true };
        var dev = new Option<string?>("--dev") { Description = "Rows that choose the best epoch. Default: a stratified tenth of the training rows." };
        var target = new Option<string?>("--out") { Description = "Folder of the adapter; an adapter that is there is replaced. Default: the folder adapter in --run." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        foreach (var option in (Option[])[train, dev, target, json]) command.Add(option);
        command.Validators.Add(result => { if (result.GetValue(target) is null && !training.HasRun(result)) result.AddError("Option '--out' is required (or --run)."); });
        command.SetAction(parsed =>
        {
            var trainRows = RowFile.Read(parsed.GetValue(train)!, rows.Read(parsed));
            var devRows = parsed.GetValue(dev) is { } file ? RowFile.Read(file, rows.Read(parsed, limited: false)) : null;
            var options = training.Read(parsed, devRows);
            using var loaded = model.Load(parsed);
            var (folder, asJson) = (parsed.GetValue(target) ?? Path.Combine(options.Training.RunFolder!, "adapter"), parsed.GetValue(json));
            try
            {
                using var classifier = TrainingDisplay.Show(asJson, "train", progress => TextClassifier.Train(loaded, trainRows, options, progress, interruption.Token));
                Finish(classifier, folder, asJson);
                return Program.Done;
            }
            catch (TrainingCanceledException e)
            {
                using var classifier = (TextClassifier)e.SoFar;
                Finish(classifier, folder, asJson);
                Screen.Warning($"interrupted: the adapter is the best so far.{(options.Training.RunFolder is null ? "" : " Go on with --resume.")}");
                return interruption.ExitCode;
            }
            catch (TrainingDivergedException e)
            {
                using var classifier = (TextClassifier)e.SoFar;
                Finish(classifier, folder, asJson);
                throw new SkTuningException(e.Message, e);
            }
        });
        return command;
    }

    private static void Finish(TextClassifier classifier, string folder, bool json)
    {
        classifier.Save(folder);
        var report = classifier.Report!;
        if (report.CutRows > 0) Screen.Warning($"{report.CutRows} training texts were longer than the model reads and lost their end.");
        if (json)
        {
            Screen.Json(new JsonObject
            {
                ["adapter"] = folder,
                ["method"] = classifier.Method,
                ["labels"] = new JsonArray([.. classifier.Labels.Select(l => (JsonNode)l)]),
                ["parameters"] = classifier.ParameterCount,
                ["devAccuracy"] = double.IsNaN(report.DevScore) ? null : report.DevScore,
                ["bestEpoch"] = report.Best?.Epoch,
                ["steps"] = report.Steps,
                ["seconds"] = report.Seconds,
                ["trainRows"] = report.TrainRows,
                ["devRows"] = report.DevRows,
                ["cutRows"] = report.CutRows,
                ["interrupted"] = report.WasCancelled,
                ["diverged"] = report.Divergence is not null,
                ["rowsAtOnce"] = report.RowsAtOnce,
            });
            return;
        }
        if (report.Epochs.Count > 1) Screen.Line(report.LearningCurve);
        Screen.Line($"{Screen.Number(report.TrainRows)} rows, {report.Steps} steps, {Screen.Seconds(report.Seconds)} s; dev accuracy {Screen.Percent(report.DevScore)} behind epoch {report.Best?.Epoch.ToString() ?? "-"} ({Screen.Number(report.DevRows)} rows); {Screen.Number(classifier.ParameterCount)} parameters.");
        Screen.Line($"Saved: {folder}");
    }
}
