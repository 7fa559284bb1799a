using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Compare;
using SkTuning.Diagnostics;
using SkTuning.Metrics;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Versions, device, threads, what start-up switched on; and, for a model, what it is.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var command = new Command("info", "Versions, device, threads and start-up settings; with --model, what a model is.\n\nExamples:\n  sktuning info\n  sktuning info --model ./my-model --json");
        var model = new ModelOptions().AddTo(command);
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        var check = new Option<bool>("--check") { Description = "Check the model against itself: padding, batches, a prompt as prefix." };
        command.Add(json);
        command.Add(check);
        command.SetAction(parsed =>
        {
            model.Start(parsed);
            var lines = RuntimeSettings.Describe().ToList();
            if (model.IsGiven(parsed))
            {
                using var loaded = model.Load(parsed);
                lines.AddRange(loaded.Describe().Lines());
                if (parsed.GetValue(check)) lines.AddRange(SelfCheck.Run(loaded).Select(r => KeyValuePair.Create($"Check: {r.Name}", FormattableString.Invariant($"{(r.Holds ? "holds" : "FAILS")}, differs by {r.Difference:E1}"))));
            }
            if (parsed.GetValue(json)) Screen.Json(new JsonObject(lines.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))));
            else Screen.Table(["What", "Value"], lines.Select(l => (string[])[l.Key, l.Value]));
            return Program.Done;
        });
        return command;
    }
}
