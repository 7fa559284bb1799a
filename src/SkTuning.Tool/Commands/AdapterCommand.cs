using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Models;
using SkTuning.Peft;
using SkTuning.Reports.Runs;
using SkTuning.Reports;
using SkTuning.Tokenizers.Chat;
using SkTuning.Tool.Output;
using SkTuning.Tool.Tasks;
using SkTuning.Training;

namespace SkTuning.Tool.Commands;

/// <summary>What can be made of an adapter: a merged model, and PEFT's folder and back.</summary>
internal static class AdapterCommand
{
    public static Command Create(Interruption interruption) => new("adapter", "Merge an adapter into its model; exchange adapters with PEFT.") { Merge(interruption), Import(), Export() };

    private static Command Merge(Interruption interruption)
    {
        var command = new Command("merge", """
            Write a model with an adapter in its weights (lora, ia3, bitfit, top-layers) as a folder in Hugging Face's layout.
            Its folder head/ is the adapter's head, an adapter for the merged model.

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
            using var tuned = Load(parsed.GetValue(adapter)!, loaded);
            var (folder, asJson) = (parsed.GetValue(target)!, parsed.GetValue(json));
            MergeDisplay.Show(asJson, progress => AdapterMerge.Write(tuned, folder, parsed.GetValue(dtype), progress, interruption.Token));
            var head = Path.Combine(folder, AdapterMerge.HeadFolder);
            if (asJson) Screen.Json(new JsonObject { ["model"] = folder, ["adapter"] = head, ["method"] = tuned.Method });
            else Screen.Line($"Merged: {folder}, with its head in {head}");
            return Program.Done;
        });
        return command;
    }

    private static Command Import()
    {
        var command = new Command("import", """
            Make an adapter of a folder that PEFT saved (prefix, prompt and P-tuning, LoRA, IA3), or that export wrote.
            PEFT does not store the labels: give them in the order of the head's rows.

            Examples:
              sktuning adapter import --model ./my-model --peft ./peft-folder --labels negative,positive --out sentiment
              sktuning adapter import --model ./my-model --peft ./exported --out sentiment
            """);
        var model = new ModelOptions().AddTo(command);
        var peft = new Option<string>("--peft") { Description = "PEFT's folder.", Required = true };
        var labels = new Option<string?>("--labels") { Description = "The labels, with commas between, in the order of the head's rows. Not for a folder that export wrote." };
        var task = new Option<string>("--task") { Description = "What it tells.", DefaultValueFactory = _ => ToolTask.All[0].Name };
        task.AcceptOnlyFromAmong([.. ToolTask.All.Select(t => t.Name)]);
        var template = new Option<string>("--template") { Description = "What stood around each text in training, with {text} once.", DefaultValueFactory = _ => new PeftImportOptions().Template };
        var most = new Option<int?>("--max-tokens") { Description = "The most tokens of a text; longer ones lose their end." };
        var pairs = new Option<bool>("--pairs") { Description = "It was trained on pairs of texts." };
        var target = new Option<string>("--out") { Description = "Folder of the adapter; an adapter that is there is replaced.", Required = true };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        foreach (var option in (Option[])[peft, labels, task, template, most, pairs, target, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var options = new PeftImportOptions { Template = parsed.GetValue(template)!, MaxTokens = parsed.GetValue(most), Pairs = parsed.GetValue(pairs) };
            using var tuned = ToolTask.Named(parsed.GetValue(task)!).Import(parsed.GetValue(peft)!, loaded, parsed.GetValue(labels)?.Split(','), options);
            tuned.Save(parsed.GetValue(target)!);
            return Tell(parsed.GetValue(json), "Saved", "adapter", parsed.GetValue(target)!, tuned);
        });
        return command;
    }

    private static Command Export()
    {
        var command = new Command("export", """
            Write an adapter as a folder that PEFT loads, with a README.md that shows how.
            Prefixes, soft prompts, LoRA and IA3 can be written, with the head hf (of token classifiers: any).

            Example:
              sktuning adapter export --model ./my-model --adapter sentiment --out for-peft --base org/name
            """);
        var model = new ModelOptions().AddTo(command);
        var adapter = new Option<string>("--adapter") { Description = "Folder of the adapter.", Required = true };
        var target = new Option<string>("--out") { Description = "PEFT's folder; an export that is there is replaced.", Required = true };
        var name = new Option<string?>("--base") { Description = "What PEFT shall call the base: its name on the hub, or a path. Default: the name it was imported or fetched by, else its path." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        foreach (var option in (Option[])[adapter, target, name, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            using var tuned = Load(parsed.GetValue(adapter)!, loaded);
            PeftInterop.Export(tuned, parsed.GetValue(target)!, parsed.GetValue(name));
            return Tell(parsed.GetValue(json), "Exported", "peft", parsed.GetValue(target)!, tuned);
        });
        return command;
    }

    private static TunedAdapter Load(string folder, FrozenModel model) => ToolTask.Of(folder).Load(folder, model);

    private static int Tell(bool json, string done, string key, string folder, TunedAdapter tuned)
    {
        if (json) Screen.Json(new JsonObject { [key] = folder, ["method"] = tuned.Method, ["parameters"] = tuned.ParameterCount });
        else Screen.Line($"{done}: {folder} ({tuned.Method}, {Screen.Number(tuned.ParameterCount)} parameters)");
        return Program.Done;
    }
}
