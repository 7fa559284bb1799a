using SkTuning.Adapters;
using SkTuning.Models;
using SkTuning.Tasks;

namespace SkTuning.Peft;

/// <summary>One of our adapters as a folder of PEFT.</summary>
internal static class PeftExport
{
    public static void Write(AdapterRuntime runtime, string folder, string? baseName)
    {
        var definition = runtime.Definition;
        var head = PeftHeads.Of(runtime);
        var name = baseName ?? definition.BaseName ?? NameOf(runtime.Model);
        AtomicFolder.Write(folder, at =>
        {
            new PeftWriter(runtime.Model.Transformer, PeftTasks.Of(definition.Task ?? SingleLabelObjective.Name), head, name) { Definition = definition.ToJson() }
                .Write(at, definition.Tuning, runtime.Tuned.Method, runtime.Tuned.Parameters);
            FileAccessErrors.Explain(at, () => File.WriteAllText(Path.Combine(at, "README.md"), PeftReadme.Of(runtime, name)));
        }, marker: PeftConfig.FileName);
    }

    /// <summary>A model in the hub's cache (models--org--name/snapshots/commit) is called org/name; any other by its path.</summary>
    private static string NameOf(FrozenModel model)
    {
        const string start = "models--";
        var folder = model.Path.Split('/', '\\').FirstOrDefault(p => p.StartsWith(start, StringComparison.Ordinal));
        return folder is null ? model.Path : folder[start.Length..].Replace("--", "/", StringComparison.Ordinal);
    }
}
