using SkTuning.Batches;
using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Adapters;

/// <summary>
/// An adapter on disk: adapter.json (its definition, readable for people) and adapter.safetensors (the trained tensors, with the same definition in the
/// metadata). A folder is written next to the old one and then renamed, so that an existing adapter survives every failure.
/// </summary>
internal static class AdapterFolder
{
    public const string DefinitionFile = "adapter.json", TensorFile = "adapter.safetensors";
    private const string DefinitionKey = "definition";

    public static void Save(string folder, AdapterDefinition definition, ParameterSet parameters) => AtomicFolder.Write(folder, temporary =>
    {
        Finite.Trained(parameters);
        var json = AdapterFile.Of(definition).ToJson();
        File.WriteAllText(Path.Combine(temporary, DefinitionFile), json + "\n");
        using var off = no_grad();
        (string, Tensor)[] tensors = [.. parameters.Specs.Select(s => (s.Name, parameters[s.Name]))];
        SafetensorsWriter.Write(Path.Combine(temporary, TensorFile), tensors, new Dictionary<string, string> { [DefinitionKey] = json });
    });

    /// <summary>Reads the definition of an adapter, and checks that neither of its two copies was edited.</summary>
    public static AdapterFile ReadFile(string folder)
    {
        if (!Directory.Exists(folder))
        {
            var found = File.Exists(folder) ? "a file" : "nothing";
            throw SkTuningException.BadFile(folder, null, found, $"an adapter's folder with {DefinitionFile} and {TensorFile}", "Check the path.");
        }
        var file = Path.Combine(folder, DefinitionFile);
        var definition = AdapterFile.Parse(FileAccessErrors.Explain(file, () => File.ReadAllText(file)), file);
        using var tensors = new SafetensorsCheckpoint(Path.Combine(folder, TensorFile), copy: true);
        if (!tensors.Metadata.TryGetValue(DefinitionKey, out var trained))
            throw SkTuningException.BadFile(tensors.Location, DefinitionKey, "missing", "the definition that the adapter was trained with");
        if (definition.DifferenceFrom(AdapterFile.Parse(trained, tensors.Location)) is { } key)
            throw SkTuningException.BadFile(file, key, "not what the adapter was trained with", $"the value in {TensorFile}",
                "An adapter works only with its own prompt, labels and settings: undo the edit, or train again.");
        return definition;
    }

    /// <summary>Reads the definition of an adapter of a task, and checks it against the base that it is to be used with.</summary>
    public static AdapterDefinition ReadDefinition(string folder, FrozenModel model, TaskKind kind)
    {
        var (read, file) = (ReadFile(folder), Path.Combine(folder, DefinitionFile));
        if (read.Base.DifferenceFrom(model.Fingerprint) is { } difference)
        {
            throw new SkTuningFileException($"{folder}: the adapter was trained on a different base. The given model is {difference}. "
                + "Load it with the model it was trained on.", folder);
        }
        var definition = read.ToDefinition(kind, file);
        AdapterCheck.Check(definition, file, model);
        return definition;
    }

    public static void ReadTensors(string folder, ParameterSet parameters)
    {
        using var tensors = new SafetensorsCheckpoint(Path.Combine(folder, TensorFile), copy: true);
        foreach (var spec in parameters.Specs)
        {
            var entry = tensors.Entry(spec.Name);
            if (!entry.Shape.SequenceEqual(spec.Shape) || entry.StoredAs != "F32")
            {
                throw SkTuningException.BadFile(tensors.Location, spec.Name, $"{entry.StoredAs} {entry.ShapeText}", $"F32 [{string.Join(", ", spec.Shape)}]",
                    "The file belongs to another adapter.");
            }
            using var value = tensors.Read(spec.Name);
            Finite.Stored(value, spec.Name, tensors.Location);
            parameters.Set(spec.Name, value);
        }
        if (tensors.Entries.Keys.FirstOrDefault(n => parameters.Specs.All(s => s.Name != n)) is { } unknown)
            throw SkTuningException.BadFile(tensors.Location, unknown, "a tensor that the method does not have", "only its own");
    }
}
