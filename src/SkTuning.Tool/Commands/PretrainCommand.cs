using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Trains a new model of units, on which adapters can then be trained.</summary>
internal static class PretrainCommand
{
    private static readonly UnitModelOptions Defaults = new();

    public static Command Create(Interruption interruption)
    {
        var command = new Command("pretrain", """
            Train a new language model of discrete units, such as those of speech, and write it to a folder.
            The rows are units (whole numbers from 0, separated by spaces) and need no labels. The folder is a model for --model: a frozen base like any other.

            Examples:
              sktuning pretrain --train recordings.units --out unit-model
              sktuning pretrain --train recordings.units more.units --units 100 --layers 6 --hidden 256 --steps 5000 --out unit-model
              sktuning train --model unit-model --train labeled.units --method prefix --set start=random --out my-adapter
            """);
        var rows = new RowOptions().AddTo(command, labelled: false);
        var train = new Option<string[]>("--train")
        {
            Description = "The files of sequences: .units, .txt with one sequence per line, or a file with a text column.",
            Required = true, AllowMultipleArgumentsPerToken = true,
        };
        var target = new Option<string>("--out") { Description = "The folder to write the model to: a new one, or an empty one.", Required = true };
        var units = new Option<int?>("--units")
        {
            Description = "The number of different units, whose ids are 0 to N - 1. The default is what the sequences have.",
        };
        var layers = Number("--layers", "The number of layers, from 1 to 64.", Defaults.Layers);
        var hidden = Number("--hidden", "The hidden size, a multiple of 32.", Defaults.Hidden);
        var context = Number("--context", "The maximum number of units that the model reads. Longer sequences are divided.", Defaults.Context);
        var steps = Number("--steps", "The number of training steps.", Defaults.Steps);
        var batch = Number("--batch-size", "The number of sequences per step.", Defaults.BatchSize);
        var rate = new Option<double>("--lr") { Description = "The highest learning rate.", DefaultValueFactory = _ => Defaults.LearningRate };
        var held = new Option<double>("--dev-fraction")
        {
            Description = "The fraction of the sequences that is held out to measure the loss and to choose what is kept. With 0, the last step is kept.",
            DefaultValueFactory = _ => Defaults.DevFraction,
        };
        var seed = new Option<ulong>("--seed") { Description = "The seed of the first weights and of the order.", DefaultValueFactory = _ => Defaults.Seed };
        var device = new Option<string>("--device") { Description = "The device: auto, cpu, cuda or cuda:N.", DefaultValueFactory = _ => Defaults.Device };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (var option in (Option[])[train, target, units, layers, hidden, context, steps, batch, rate, held, seed, device, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            RuntimeSettings.Start(threads: 0, fast: true);
            var read = rows.Read(parsed);
            string[] sequences = [.. parsed.GetValue(train)!.SelectMany(f => RowFile.StreamTexts(f, read)).Where(t => !string.IsNullOrWhiteSpace(t))];
            var options = new UnitModelOptions
            {
                Units = parsed.GetValue(units), Layers = parsed.GetValue(layers), Hidden = parsed.GetValue(hidden), Context = parsed.GetValue(context),
                Steps = parsed.GetValue(steps), BatchSize = parsed.GetValue(batch), LearningRate = parsed.GetValue(rate),
                DevFraction = parsed.GetValue(held), Seed = parsed.GetValue(seed), Device = parsed.GetValue(device)!,
            };
            var (folder, asJson) = (parsed.GetValue(target)!, parsed.GetValue(json));
            var report = TrainingDisplay.Show(asJson, "pretrain",
                progress => UnitModel.Pretrain(sequences, folder, options, progress, interruption.Token));
            if (asJson) Screen.Json(Result(report, folder));
            else Show(report, folder);
            return ExitCodes.Success;
        });
        return command;

        static Option<int> Number(string name, string description, int usual) => new(name) { Description = description, DefaultValueFactory = _ => usual };
    }

    private static JsonObject Result(TrainingReport report, string folder) => new()
    {
        ["model"] = folder,
        ["sequences"] = report.TrainRows + report.DevRows,
        ["devSequences"] = report.DevRows,
        ["steps"] = report.Steps,
        ["trainLoss"] = report.Epochs[^1].TrainLoss,
        ["devLoss"] = double.IsNaN(report.DevScore) ? null : report.DevScore,
        ["bestEpoch"] = report.Best?.Epoch,
        ["seconds"] = Math.Round(report.Seconds, 1),
    };

    private static void Show(TrainingReport report, string folder)
    {
        var trained = $"Trained on {Screen.Number(report.TrainRows)} sequences in {Screen.Number(report.Steps)} steps and {Screen.Seconds(report.Seconds)} s.";
        Screen.Line(double.IsNaN(report.DevScore) ? $"{trained} Loss of the next unit: {Loss(report.Epochs[^1].TrainLoss)} on them."
            : $"{trained} Loss of the next unit: {Loss(report.DevScore)} on {Screen.Number(report.DevRows)} sequences that were held out.");
        Screen.Line($"Saved: {folder}");
        Screen.Try("train", ["--model", folder, "--train", "labeled.units", "--out", "my-adapter"]);

        static string Loss(double value) => value.ToString("F4", CultureInfo.InvariantCulture);
    }
}
