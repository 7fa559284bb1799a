using SkTuning.Batches;
using SkTuning.Checkpoints;

namespace SkTuning.Adapters;

/// <summary>
/// An adapter on disk, opened once: everything that is read comes from one save, also if the adapter is replaced meanwhile. The file of tensors holds the
/// definition as well, so it is a whole adapter; adapter.json is the copy of the definition for people, which must say the same.
/// </summary>
internal sealed class StoredAdapter : IDisposable
{
    private const int Pause = 20, MaxTries = 50;

    private StoredAdapter(SafetensorsCheckpoint tensors, AdapterFile file, string folder) => (Tensors, File, Folder) = (tensors, file, folder);

    public string Folder { get; }

    /// <summary>The definition as it is on disk.</summary>
    public AdapterFile File { get; }

    public SafetensorsCheckpoint Tensors { get; }

    private string DefinitionFile => Path.Combine(Folder, AdapterFolder.DefinitionFile);

    /// <summary>Opens an adapter, and checks that neither of the two copies of its definition was edited.</summary>
    /// <remarks>
    /// While an adapter is replaced, and after a save that was ended between its two renames, adapter.json is older than the tensors; the save's staging folder
    /// is there then. It is gone if the save ended in this moment: then the files are read again, until two reads in a row find the same ones.
    /// </remarks>
    public static StoredAdapter Open(string folder)
    {
        if (!Directory.Exists(folder))
        {
            var found = System.IO.File.Exists(folder) ? "a file" : SkTuningFileException.Nothing;
            throw SkTuningException.BadFile(folder, null, found,
                $"an adapter's folder with {AdapterFolder.DefinitionFile} and {AdapterFolder.TensorFile}", "Check the path.");
        }
        (DateTime, DateTime) before = default;
        for (var attempt = 1; ; attempt++)
        {
            var now = Times(folder);
            try { return OpenOnce(folder); }
            catch (SkTuningException) when (attempt < MaxTries && now != before) { }
            before = now;
            Thread.Sleep(Pause);
        }
    }

    private static StoredAdapter OpenOnce(string folder)
    {
        var file = Path.Combine(folder, AdapterFolder.DefinitionFile);
        var isSaving = FileAccessErrors.Explain(folder, () => StagingFolder.IsIn(folder));
        // Without an adapter in the folder, adapter.json is the file to ask for.
        var json = isSaving && !System.IO.File.Exists(file) ? null : InputFile.ReadAllText(file);
        var definition = json is null ? null : AdapterFile.Parse(json, file);
        var tensorFile = Path.Combine(folder, AdapterFolder.TensorFile);
        InputFile.RequireRegular(tensorFile);
        var tensors = new SafetensorsCheckpoint(tensorFile, copy: true);
        try
        {
            if (!tensors.Metadata.TryGetValue(AdapterFolder.DefinitionKey, out var trained))
                throw SkTuningException.BadFile(tensors.Location, AdapterFolder.DefinitionKey, "missing", "the definition that the adapter was trained with");
            var own = AdapterFile.Parse(trained, tensors.Location);
            if (definition?.DifferenceFrom(own) is { } key && !isSaving && !StagingFolder.IsIn(folder))
            {
                throw SkTuningException.BadFile(file, key, "not what the adapter was trained with", $"the value in {AdapterFolder.TensorFile}",
                    "An adapter works only with its own prompt, labels and settings: undo the edit, or train again.");
            }
            return new(tensors, own, folder);
        }
        catch
        {
            tensors.Dispose();
            throw;
        }
    }

    private static (DateTime, DateTime) Times(string folder)
        => (System.IO.File.GetLastWriteTimeUtc(Path.Combine(folder, AdapterFolder.DefinitionFile)),
            System.IO.File.GetLastWriteTimeUtc(Path.Combine(folder, AdapterFolder.TensorFile)));

    /// <summary>Returns the definition of an adapter of a task, after a check against the base that it is to be used with.</summary>
    public AdapterDefinition DefinitionFor(FrozenModel model, TaskKind kind)
    {
        if (File.Base.DifferenceFrom(model.Fingerprint) is { } difference)
        {
            throw new SkTuningFileException($"{Folder}: the adapter was trained on a different base. The given model is {difference}. "
                + "Load it with the model it was trained on.", Folder);
        }
        var definition = File.ToDefinition(kind, DefinitionFile);
        AdapterCheck.Check(definition, DefinitionFile, model);
        return definition with
        {
            Task = definition.Task.WithTensors(name => AdapterFolder.ReadTensor(Tensors, name), Tensors.Location),
            BaseSource = BaseSource.Of(model, File.BaseSource),
        };
    }

    /// <summary>Fills the parameters of the adapter of a definition.</summary>
    public void Fill(ParameterSet parameters, AdapterDefinition definition)
        => AdapterFolder.ReadTensors(Tensors, parameters, definition.Task.Tensors.Select(t => t.Name));

    public void Dispose() => Tensors.Dispose();
}
