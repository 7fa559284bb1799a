using System.CommandLine;
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
              sktuning info --check
              sktuning info --model ./my-model --json
            """);
        var model = new ModelOptions().AddTo(command);
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        var check = new Option<bool>("--check")
        {
            Description = "Check that the model's results do not depend on padding, on batching or on passing a prompt as a prefix. "
                + "The exit code is 1 if they do.",
        };
        command.Add(json);
        command.Add(check);
        command.SetAction(parsed =>
        {
            model.Start(parsed);
            var lines = RuntimeSettings.Describe().ToList();
            IReadOnlyList<SelfCheckResult> checks = [];
            ModelDescription? described = null;
            if (model.IsGiven(parsed) || parsed.GetValue(check))
            {
                using var loaded = model.Load(parsed);
                described = loaded.Describe();
                if (parsed.GetValue(check)) checks = SelfCheck.Run(loaded);
            }
            if (parsed.GetValue(json)) Screen.Json(InfoJson.Of(lines, described, checks));
            else
            {
                lines.AddRange(described?.Lines() ?? []);
                lines.AddRange(checks.Select(c => KeyValuePair.Create($"Check: {c.Name}",
                    FormattableString.Invariant($"{(c.Holds ? "passed" : "FAILED")}, difference {c.Difference:E1}"))));
                Screen.Table(["Property", "Value"], lines.Select(l => (string[])[l.Key, l.Value]));
            }
            return checks.All(c => c.Holds) ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }
}
