using SkTuning.Batches;
using SkTuning.Checkpoints;
using SkTuning.Metrics;
using static TorchSharp.torch;

namespace SkTuning.Adapters;

/// <summary>
/// An adapter on disk: adapter.json (what it is, for people too) and adapter.safetensors (the trained tensors, and the same definition in its metadata).
/// Written beside the old one and renamed: an adapter that exists survives whatever goes wrong.
/// </summary>
internal static class AdapterFolder
{
    public const string DefinitionFile = "adapter.json", TensorFile = "adapter.safetensors";
    private const string DefinitionKey = "definition";

    public static void Save(string folder, AdapterDefinition definition, ParameterSet parameters) => AtomicFolder.Write(folder, beside =>
    {
        var json = definition.ToJson();
        File.WriteAllText(Path.Combine(beside, DefinitionFile), json + "\n");
        using var off = no_grad();
        SafetensorsWriter.Write(Path.Combine(beside, TensorFile), [.. parameters.Specs.Select(s => (s.Name, parameters[s.Name]))], new Dictionary<string, string> { [DefinitionKey] = json });
    });

    public static AdapterDefinition ReadDefinition(string folder)
    {
        if (!Directory.Exists(folder)) throw SkTuningException.BadFile(folder, null, File.Exists(folder) ? "a file" : "nothing", $"an adapter's folder with {DefinitionFile} and {TensorFile}", "Check the path.");
        var file = Path.Combine(folder, DefinitionFile);
        var definition = AdapterDefinition.Parse(FileAccessErrors.Explain(file, () => File.ReadAllText(file)), file);
        using var tensors = new SafetensorsCheckpoint(Path.Combine(folder, TensorFile), copy: true);
        if (!tensors.Metadata.TryGetValue(DefinitionKey, out var trained)) throw SkTuningException.BadFile(tensors.Location, DefinitionKey, "not there", "the definition that the adapter was trained with");
        if (definition.DifferenceFrom(AdapterDefinition.Parse(trained, tensors.Location)) is { } key)
            throw SkTuningException.BadFile(file, key, "not what the adapter was trained with", $"the value in {TensorFile}", "An adapter works with its own prompt, labels and settings only: undo the edit, or train again.");
        return definition;
    }

    public static void ReadTensors(string folder, ParameterSet parameters)
    {
        using var tensors = new SafetensorsCheckpoint(Path.Combine(folder, TensorFile), copy: true);
        foreach (var spec in parameters.Specs)
        {
            var entry = tensors.Entry(spec.Name);
            if (!entry.Shape.SequenceEqual(spec.Shape) || entry.StoredAs != "F32")
                throw SkTuningException.BadFile(tensors.Location, spec.Name, $"{entry.StoredAs} {entry.ShapeText}", $"F32 [{string.Join(", ", spec.Shape)}]", "The file belongs to another adapter.");
            using var value = tensors.Read(spec.Name);
            parameters.Set(spec.Name, value);
        }
        if (tensors.Entries.Keys.FirstOrDefault(n => parameters.Specs.All(s => s.Name != n)) is { } unknown)
            throw SkTuningException.BadFile(tensors.Location, unknown, "a tensor that the method does not have", "only its own");
    }
}
