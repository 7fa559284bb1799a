using System.CommandLine;
using SkTuning.Compare;
using SkTuning.Models;
using SkTuning.Tool.Output;
using SkTuning.Tool.Tasks;

namespace SkTuning.Tool.Commands;

/// <summary>Measures an adapter on labelled rows.</summary>
internal static class EvaluateCommand
{
    public static Command Create(Interruption interruption)
    {
        var command = new Command("evaluate", "Measure an adapter on labelled rows.\n\nExamples:\n  sktuning evaluate --adapter my-adapter --data test.tsv\n  sktuning evaluate --model ./my-model --adapter sentiment --data test.jsonl --json");
        var (model, rows) = (new ModelOptions().AddTo(command), new RowOptions().AddTo(command));
        var adapter = new Option<string>("--adapter") { Description = "Folder of the adapter.", Required = true };
        var data = new Option<string>("--data") { Description = "Labelled rows (.tsv, .csv, .jsonl, .parquet).", Required = true };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        foreach (var option in (Option[])[adapter, data, json]) command.Add(option);
        command.SetAction(parsed =>
        {
            using var loaded = model.Load(parsed);
            var (folder, file) = (parsed.GetValue(adapter)!, parsed.GetValue(data)!);
            var task = ToolTask.Of(folder);
            using var tuned = task.Load(folder, loaded);
            var (text, all) = task.Evaluate(tuned, file, rows, parsed, interruption.Token);
            if (parsed.GetValue(json)) Screen.Json(all);
            else Screen.Line(text.TrimEnd());
            return Program.Done;
        });
        return command;
    }
}
