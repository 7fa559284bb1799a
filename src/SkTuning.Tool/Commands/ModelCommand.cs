using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Reports.Runs;
using SkTuning.Reports;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Models of the Hugging Face hub. What it prints is what --model takes.</summary>
internal static class ModelCommand
{
    public static Command Create(Interruption interruption) => new("model", "Get models from the Hugging Face hub.") { Get(interruption) };

    private static Command Get(Interruption interruption)
    {
        var command = new Command("get", """
            Download a model into the Hugging Face cache, or check the one that is there, and print its path.
            HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_ENDPOINT and HF_HUB_OFFLINE are honoured.

            Examples:
              sktuning model get org/name
              sktuning info --model "$(sktuning model get org/name --revision v1.0)"
              sktuning model get org/name --gguf name-q4_0.gguf
            """);
        var repository = new Argument<string>("repository") { Description = "org/name." };
        var revision = new Option<string>("--revision") { Description = "A branch, a tag or a commit.", DefaultValueFactory = _ => "main" };
        var gguf = new Option<string?>("--gguf") { Description = "One GGUF file of the repository, instead of everything else." };
        var json = new Option<bool>("--json") { Description = "Print JSON." };
        command.Add(repository);
        foreach (var option in (Option[])[revision, gguf, json]) command.Add(option);
        command.SetAction(async (parsed, _) =>
        {
            var (name, wanted, file) = (parsed.GetValue(repository)!, parsed.GetValue(revision)!, parsed.GetValue(gguf));
            var path = await HubDisplay.Show(progress => ModelHub.GetAsync(name, wanted, file, progress, interruption.Token));
            if (parsed.GetValue(json)) Screen.Json(new JsonObject { ["model"] = path, ["repository"] = name, ["revision"] = wanted });
            else Screen.Line(path);
            return Program.Done;
        });
        return command;
    }
}
