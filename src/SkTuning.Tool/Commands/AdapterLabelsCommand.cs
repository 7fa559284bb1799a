using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Adds labels to an adapter without training.</summary>
internal static class AdapterLabelsCommand
{
    public static Command Create() => new("labels", "Change the labels of an adapter without training.") { Add() };

    private static Command Add()
    {
        var command = new Command("add", """
            Add a label to an adapter by texts that describe it. Nothing is trained. The adapter must have been trained with --head label-texts.

            Examples:
              sktuning adapter labels add refund --adapter topics --describe "the customer wants money back" --describe "Please refund my order."
              sktuning adapter labels add refund --adapter topics --describe "the customer wants money back" --out more-topics
            """);
        var label = new Argument<string>("label") { Description = "The label." };
        var model = new ModelOptions().AddTo(command);
        var adapter = new Option<string>("--adapter") { Description = "The adapter folder.", Required = true };
        var describe = new Option<string[]>("--describe")
        {
            Description = "A text that describes the label: its name in words, a definition, an example. Can be specified more than once. "
                + "The default is the label's name.",
        };
        var target = new Option<string?>("--out") { Description = "The folder to save the adapter to. By default, the adapter is replaced." };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        command.Add(label);
        foreach (var option in (Option[])[adapter, describe, target, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            var folder = parsed.GetValue(target) ?? parsed.GetValue(adapter)!;
            AdapterTarget.Require(folder);
            using var loaded = model.Load(parsed, parsed.GetValue(adapter));
            using var tuned = TunedAdapter.Load(parsed.GetValue(adapter)!, loaded);
            if (tuned is not TextClassifier classifier)
                throw new SkTuningException($"Labels can be added to adapters of the task {TaskKinds.All[0].Name}, found the task {tuned.Task.Name}.");
            using var added = classifier.WithLabel(parsed.GetValue(label)!, parsed.GetValue(describe) ?? []);
            added.Save(folder);
            Report(added, folder, parsed.GetValue(json));
            return ExitCodes.Success;
        });
        return command;
    }

    private static void Report(TextClassifier added, string folder, bool json)
    {
        var (label, (untrained, trained)) = (added.Labels[^1], added.NewLabelAccuracy!.Value);
        if (json)
        {
            Screen.Json(new JsonObject
            {
                ["adapter"] = folder,
                ["label"] = label,
                ["labels"] = new JsonArray([.. added.Labels.Select(l => (JsonNode)l)]),
                ["accuracyBeforeTraining"] = untrained,
                ["accuracyAfterTraining"] = trained,
            });
            return;
        }
        Screen.Line($"Added the label '{label}' without training. Saved: {folder} ({added.Labels.Count} labels)");
        Screen.Line($"Accuracy to expect for its texts: {Percent(Math.Min(untrained, trained))} to {Percent(Math.Max(untrained, trained))}. "
            + $"By the labels' texts alone, {Percent(untrained)} of the training rows of a label were found before training, and {Percent(trained)} after it. "
            + "Measure it on rows of the new label.");
    }

    private static string Percent(double value) => (100 * value).ToString("F0", CultureInfo.InvariantCulture) + " %";
}
