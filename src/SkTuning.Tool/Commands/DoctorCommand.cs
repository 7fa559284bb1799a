using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Diagnostics;
using SkTuning.Native;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Checks the installation: which libtorch would be loaded, what is missing, and what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create()
    {
        var command = new Command("doctor", """
            Check the installation: system libraries, libtorch, CUDA, memory and disk. The exit code is 1 if something does not work.

            Examples:
              sktuning doctor
              sktuning doctor --json
            """);
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        command.Add(json);
        command.SetAction(parsed =>
        {
            var findings = new List<Finding>();
            foreach (var finding in Doctor.Examine())
            {
                findings.Add(finding);
                // As each is known: if a library ends the process while it is loaded, the line before shows which one.
                if (!parsed.GetValue(json)) Screen.Line(Line(finding));
            }
            var works = findings.TrueForAll(f => f.State != FindingState.Problem);
            if (parsed.GetValue(json)) Screen.Json(Document(works, findings));
            return works ? ExitCodes.Success : ExitCodes.Failure;
        });
        return command;
    }

    private static string Line(Finding finding) => $"{State(finding.State),-8} {finding.Name,-10} {finding.Message}";

    private static string State(FindingState state) => state switch { FindingState.Ok => "ok", FindingState.Note => "note", _ => "PROBLEM" };

    private static JsonObject Document(bool works, IEnumerable<Finding> findings) => new()
    {
        ["works"] = works,
        ["checks"] = new JsonArray([.. findings.Select(f => new JsonObject
        {
            ["name"] = f.Name,
            ["state"] = State(f.State).ToLowerInvariant(),
            ["text"] = f.Text,
            ["advice"] = f.Advice,
            ["detail"] = f.Detail,
        })]),
    };
}
