using SkTuning.Adapters;

namespace SkTuning.Peft;

/// <summary>Writes an adapter as a PEFT folder.</summary>
internal static class PeftExport
{
    public static void Write(AdapterModel adapter, AdapterDefinition definition, string folder, string? baseName)
    {
        var head = PeftHeads.Of(adapter);
        var name = baseName ?? definition.BaseName ?? NameOf(adapter.Model);
        AtomicFolder.Write(folder, temporary =>
        {
            new PeftWriter(adapter.Model.Transformer, PeftTaskTypes.Of(definition.Task.Kind), head, name) { Definition = AdapterFile.Of(definition).ToJson() }
                .Write(temporary, definition.Tuning, adapter.Tuned.Method, adapter.Tuned.Parameters);
            FileAccessErrors.Explain(temporary, () => File.WriteAllText(Path.Combine(temporary, "README.md"), PeftReadme.Of(adapter, definition, name)));
        }, marker: PeftConfig.FileName);
    }

    /// <summary>Returns org/name for a model in the hub's cache (models--org--name/snapshots/commit), and the path for any other model.</summary>
    private static string NameOf(FrozenModel model)
    {
        const string Start = "models--";
        var folder = model.Path.Split('/', '\\').FirstOrDefault(p => p.StartsWith(Start, StringComparison.Ordinal));
        return folder is null ? model.Path : folder[Start.Length..].Replace("--", "/", StringComparison.Ordinal);
    }
}
