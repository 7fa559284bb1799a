using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Inference;
using SkTuning.Interop;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>What can be made of an adapter: a merged model, and PEFT's folder and back.</summary>
internal static class AdapterCommand
{
    public static Command Create(Interruption interruption) => new("adapter", "Merge an adapter into its model.") { Merge(interruption) };

    private static Command Merge(Interruption interruption)
    {
        var command = new Command("merge", """
            Write a model with an adapter in its weights (lora, ia3, bitfit, top-layers) as a folder in Hugging Face's layout.
            Its folder head/ is the classifier's head, an adapter for the merged model.

            Examples:
              sktuning adapter merge --model ./my-model --adapter sentiment --out merged
              sktuning predict --model merged --adapter merged/head "what a film"
            """);
        var model = new ModelOptions().AddTo(command);
        var adapter = new Option<string>("--adapter") { Description = "Folder of the adapter.", Required = true };
        var target = new Option<string>("--out") { Description = "A new folder, or an empty one.", Required = true };
        var dtype = new Option<MergedDtype>("--dtype") { Description = "Changed weights: Exact (fp32), or AsStored (rounded to what they are stored in).", DefaultValueFactory = _ => MergedDtype.Exact };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        foreach (var option in (Option[])[adapter, target, dtype, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            using var classifier = TextClassifier.Load(parsed.GetValue(adapter)!, loaded);
            var (folder, asJson) = (parsed.GetValue(target)!, parsed.GetValue(json));
            MergeDisplay.Show(asJson, progress => AdapterMerge.Write(classifier, folder, parsed.GetValue(dtype), progress, interruption.Token));
            var head = Path.Combine(folder, AdapterMerge.HeadFolder);
            if (asJson) Screen.Json(new JsonObject { ["model"] = folder, ["adapter"] = head, ["method"] = classifier.Method });
            else Screen.Line($"Merged: {folder}, with its head in {head}");
            return Program.Done;
        });
        return command;
    }
}
