using System.CommandLine;
using System.Text.Json.Nodes;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tool.Commands;

/// <summary>Downloads models from the Hugging Face hub. The path it prints can be passed to --model.</summary>
internal static class ModelCommand
{
    public static Command Create(Interruption interruption) => new("model", "Download models from the Hugging Face hub.") { Get(interruption) };

    private static Command Get(Interruption interruption)
    {
        var command = new Command("get", """
            Download a model to the Hugging Face cache, or verify the cached one, and print its path.
            The environment variables HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_ENDPOINT and HF_HUB_OFFLINE are honored.

            Examples:
              sktuning model get org/name
              sktuning info --model "$(sktuning model get org/name --revision v1.0)"
              sktuning model get org/name --gguf name-q4_0.gguf
            """);
        var repository = new Argument<string>("repository") { Description = "The repository on the hub, in the form org/name." };
        var revision = new Option<string>("--revision") { Description = "The branch, tag or commit to download.", DefaultValueFactory = _ => "main" };
        var gguf = new Option<string?>("--gguf") { Description = "The name of a single GGUF file to download instead of the whole model." };
        var json = new Option<bool>("--json") { Description = "Print the result as JSON." };
        command.Add(repository);
        foreach (var option in (Option[])[revision, gguf, json]) command.Add(option);
        command.SetAction(async (parsed, _) =>
        {
            var (name, wanted, file) = (parsed.GetValue(repository)!, parsed.GetValue(revision)!, parsed.GetValue(gguf));
            var path = await HubDisplay.Show(progress => ModelHub.GetAsync(name, wanted, file, progress, interruption.Token));
            if (parsed.GetValue(json)) Screen.Json(new JsonObject { ["model"] = path, ["repository"] = name, ["revision"] = wanted });
            else Screen.Line(path);
            return ExitCodes.Success;
        });
        return command;
    }
}
