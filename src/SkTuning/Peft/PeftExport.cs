using SkTuning.Adapters;
using SkTuning.Checkpoints;

namespace SkTuning.Peft;

/// <summary>Writes an adapter as a PEFT folder.</summary>
internal static class PeftExport
{
    private const string Readme = "README.md";

    private static readonly FolderContent Content = new("an export", [PeftAdapter.TensorFile, PeftConfig.FileName, Readme], Check);

    public static void Write(AdapterModel adapter, AdapterDefinition definition, string folder, string? baseName)
    {
        PrunedRefusal.Check(definition, "a PEFT folder");
        var head = PeftHeads.Of(adapter);
        var name = baseName ?? definition.BaseName ?? definition.BaseSource?.Hub ?? adapter.Model.Path;
        // PEFT's file of tensors has no place for those of the task.
        var json = AdapterFile.Of(definition with { Task = definition.Task.WithoutTensors }).ToJson();
        AtomicFolder.Write(folder, Content, temporary =>
        {
            new PeftWriter(adapter.Model.Transformer, PeftTaskTypes.Of(definition.Task.Kind), head, name) { Definition = json }
                .Write(temporary, definition.Tuning, adapter.Tuned.Method, adapter.Tuned.Parameters);
            FileAccessErrors.Explain(temporary, () => File.WriteAllText(Path.Combine(temporary, Readme), PeftReadme.Of(adapter, definition, name)));
        });
    }

    /// <summary>Refuses to replace files that PEFT or a person wrote: only an export has SkTuning's part in its tensors.</summary>
    private static void Check(string folder)
    {
        string tensors = Path.Combine(folder, PeftAdapter.TensorFile), readme = Path.Combine(folder, Readme);
        Require(tensors, File.Exists(tensors) ? IsExport(tensors) : !File.Exists(Path.Combine(folder, PeftConfig.FileName)));
        Require(readme, !File.Exists(readme) || InputFile.ReadAllText(readme).Contains(PeftReadme.Mark, StringComparison.Ordinal));

        static void Require(string file, bool isOwn)
        {
            if (!isOwn)
                throw SkTuningException.BadFile(file, null, "not a file of an earlier export", "an export to replace, or no file of that name",
                    "Choose another folder, or move the file.");
        }
    }

    private static bool IsExport(string file)
    {
        using var tensors = new SafetensorsCheckpoint(file);
        return tensors.Metadata.ContainsKey(PeftDigest.DefinitionKey);
    }
}
