using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Peft;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Merges an adapter into its model, converts adapters to and from PEFT's format, and changes their labels.</summary>
internal static class AdapterCommand
{
    public static Command Create(Interruption interruption)
        => new("adapter", "Merge an adapter into its model, exchange adapters with PEFT, or add a label.")
        {
            Merge(interruption), Import(), Export(), AdapterLabelsCommand.Create(),
        };

    private static Command Merge(Interruption interruption)
    {
        var command = new Command("merge", """
            Merge an adapter (lora, ia3, bitfit, top-layers) into the weights of its model and write the result as a Hugging Face model folder.
            The subfolder head contains the adapter's head, saved as an adapter for the merged model.

            Examples:
              sktuning adapter merge --model ./my-model --adapter sentiment --out merged
              sktuning predict --adapter merged/head "what a film"
            """);
        var model = new ModelOptions().AddTo(command);
        var adapter = new Option<string>("--adapter") { Description = "The adapter folder.", Required = true };
        var target = new Option<string>("--out") { Description = "The folder to write the merged model to. It must be new or empty.", Required = true };
        var dtype = new Option<MergedDtype>("--dtype")
        {
            Description = "The number format of the changed weights: Exact (float32) or AsStored (rounded to the format in the checkpoint).",
            DefaultValueFactory = _ => MergedDtype.Exact,
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (var option in (Option[])[adapter, target, dtype, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed, parsed.GetValue(adapter));
            using var tuned = TunedAdapter.Load(parsed.GetValue(adapter)!, loaded);
            var (folder, asJson) = (parsed.GetValue(target)!, parsed.GetValue(json));
            MergeDisplay.Show(asJson, progress => AdapterMerge.Write(tuned, folder, parsed.GetValue(dtype), progress, interruption.Token));
            var head = Path.Combine(folder, AdapterMerge.HeadFolder);
            if (asJson) Screen.Json(new JsonObject { ["model"] = folder, ["adapter"] = head, ["method"] = tuned.Method });
            else
            {
                Screen.Line($"Merged model: {folder}; head: {head}");
                Screen.Try("predict", ["--adapter", head, "a text to classify"]);
            }
            return ExitCodes.Success;
        });
        return command;
    }

    private static Command Import()
    {
        var command = new Command("import", """
            Convert a PEFT adapter folder (prefix tuning, prompt tuning, P-tuning, LoRA, IA3) to an adapter.
            PEFT does not store the labels: list them in the order of the head's outputs, unless the folder was written by 'sktuning adapter export'.

            Examples:
              sktuning adapter import --model ./my-model --peft ./peft-folder --labels negative,positive --out sentiment
              sktuning adapter import --model ./my-model --peft ./exported --out sentiment
            """);
        var model = new ModelOptions().AddTo(command);
        var peft = new Option<string>("--peft") { Description = "The PEFT adapter folder.", Required = true };
        var labels = new Option<string?>("--labels")
        {
            Description = "The labels, separated by commas, in the order of the head's outputs. Not needed for a folder written by 'sktuning adapter export'.",
        };
        var task = new Option<string>("--task")
        {
            Description = "The task that the adapter was trained for.",
            DefaultValueFactory = _ => TaskKinds.All[0].Name
        };
        task.AcceptOnlyFromAmong([.. TaskKinds.All.Select(t => t.Name)]);
        var template = new Option<string>("--template")
        {
            Description = "The row template used in training. It must contain {text} exactly once.",
            DefaultValueFactory = _ => new PeftImportOptions().Template,
        };
        var maxTokens = new Option<int?>("--max-tokens") { Description = "The maximum number of tokens per text. Longer texts are truncated at the end." };
        var pairs = new Option<bool>("--pairs") { Description = "Specify this if the adapter was trained on pairs of texts." };
        var target = new Option<string>("--out") { Description = "The folder to save the adapter to. An existing adapter is replaced.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (var option in (Option[])[peft, labels, task, template, maxTokens.AtLeastOne(), pairs, target, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var options = new PeftImportOptions
            {
                Template = parsed.GetValue(template)!,
                MaxTokens = parsed.GetValue(maxTokens),
                Pairs = parsed.GetValue(pairs),
            };
            using var tuned = PeftInterop.Import(TaskKinds.Get(parsed.GetValue(task)!), parsed.GetValue(peft)!, loaded,
                parsed.GetValue(labels)?.Split(','), options);
            var (folder, asJson) = (parsed.GetValue(target)!, parsed.GetValue(json));
            tuned.Save(folder);
            var code = Report(asJson, "Saved", "adapter", folder, tuned);
            if (!asJson) Screen.Try("predict", model.ToRepeat(parsed, folder), ["--adapter", folder, "a text to classify"]);
            return code;
        });
        return command;
    }

    private static Command Export()
    {
        var command = new Command("export", """
            Export an adapter as a folder that PEFT can load, with a README.md that shows how.
            Prefixes, soft prompts, LoRA and IA3 can be exported if the adapter has the head hf; token classifiers can have any head.

            Example:
              sktuning adapter export --model ./my-model --adapter sentiment --out for-peft --base org/name
            """);
        var model = new ModelOptions().AddTo(command);
        var adapter = new Option<string>("--adapter") { Description = "The adapter folder.", Required = true };
        var target = new Option<string>("--out") { Description = "The folder to export to. An earlier export in it is replaced.", Required = true };
        var name = new Option<string?>("--base")
        {
            Description = "The base model's name for PEFT: its hub name or a path. " +
                "The default is the name it was imported or downloaded with, or else its path.",
        };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        foreach (var option in (Option[])[adapter, target, name, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed, parsed.GetValue(adapter));
            using var tuned = TunedAdapter.Load(parsed.GetValue(adapter)!, loaded);
            PeftInterop.Export(tuned, parsed.GetValue(target)!, parsed.GetValue(name));
            return Report(parsed.GetValue(json), "Exported", "peft", parsed.GetValue(target)!, tuned);
        });
        return command;
    }

    private static int Report(bool json, string done, string key, string folder, TunedAdapter tuned)
    {
        if (json) Screen.Json(new JsonObject { [key] = folder, ["method"] = tuned.Method, ["parameters"] = tuned.ParameterCount });
        else Screen.Line($"{done}: {folder} ({tuned.Method}, {Screen.Number(tuned.ParameterCount)} parameters)");
        return ExitCodes.Success;
    }
}
