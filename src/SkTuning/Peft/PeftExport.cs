using SkTuning.Adapters;
using SkTuning.Models;

namespace SkTuning.Peft;

/// <summary>One of our adapters as a folder of PEFT.</summary>
internal static class PeftExport
{
    public static void Write(AdapterModel runtime, AdapterDefinition definition, string folder, string? baseName)
    {
        var head = PeftHeads.Of(runtime);
        var name = baseName ?? definition.BaseName ?? NameOf(runtime.Model);
        AtomicFolder.Write(folder, at =>
        {
            new PeftWriter(runtime.Model.Transformer, PeftTaskTypes.Of(definition.Task.Kind), head, name) { Definition = AdapterFile.Of(definition).ToJson() }
                .Write(at, definition.Tuning, runtime.Tuned.Method, runtime.Tuned.Parameters);
            FileAccessErrors.Explain(at, () => File.WriteAllText(Path.Combine(at, "README.md"), PeftReadme.Of(runtime, definition, name)));
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
