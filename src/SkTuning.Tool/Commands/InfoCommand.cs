using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Diagnostics;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Shows versions, the device, threads and the settings applied at startup; with a model, also its properties.</summary>
internal static class InfoCommand
{
    public static Command Create()
    {
        var command = new Command("info", """
            Show versions, the device, threads and runtime settings. With --model, also show the properties of the model.

            Examples:
              sktuning info
              sktuning info --model ./my-model --json
            """);
        var model = new ModelOptions().AddTo(command);
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var check = new Option<bool>("--check")
        {
            Description = "Check that the model's results do not depend on padding, on batching or on passing a prompt as a prefix.",
        };
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
                if (parsed.GetValue(check))
                    lines.AddRange(SelfCheck.Run(loaded).Select(r => KeyValuePair.Create($"Check: {r.Name}",
                        FormattableString.Invariant($"{(r.Holds ? "passed" : "FAILED")}, difference {r.Difference:E1}"))));
            }
            if (parsed.GetValue(json)) Screen.Json(new JsonObject(lines.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))));
            else Screen.Table(["Property", "Value"], lines.Select(l => (string[])[l.Key, l.Value]));
            return ExitCodes.Success;
        });
        return command;
    }
}
