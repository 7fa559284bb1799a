using SkTuning.Batches;
using SkTuning.Checkpoints;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Adapters;

/// <summary>
/// An adapter on disk: adapter.json (its definition, readable for people) and adapter.safetensors (the trained tensors, with the same definition and a checksum
/// of the file in the metadata). <see cref="StoredAdapter"/> reads it.
/// </summary>
/// <remarks>
/// The rename of adapter.safetensors replaces the adapter, since that file is a whole adapter; the rename of adapter.json follows. Other files in the folder
/// are kept.
/// </remarks>
internal static class AdapterFolder
{
    public const string DefinitionFile = "adapter.json", TensorFile = "adapter.safetensors", DefinitionKey = "definition";

    private static readonly FolderContent Content = new("an adapter", [TensorFile, DefinitionFile], Check) { Settle = Settle };

    public static void Save(string folder, AdapterDefinition definition, ParameterSet parameters) => AtomicFolder.Write(folder, Content, temporary =>
    {
        Finite.Trained(parameters);
        var json = (AdapterFile.Of(definition) with { BaseSource = definition.BaseSource?.In(folder) }).ToJson();
        File.WriteAllText(Path.Combine(temporary, DefinitionFile), json + "\n");
        using var off = no_grad();
        using var scope = NewDisposeScope();
        (string, Tensor)[] tensors =
        [
            .. parameters.Specs.Select(s => (s.Name, parameters[s.Name])),
            .. definition.Task.Tensors.Select(t => (t.Name, tensor(t.Values).view(t.Shape))),
        ];
        var file = Path.Combine(temporary, TensorFile);
        SafetensorsWriter.Write(file, tensors,
            new Dictionary<string, string> { [DefinitionKey] = json, [SafetensorsChecksum.Key] = SafetensorsChecksum.Placeholder });
        SafetensorsChecksum.Seal(file);
    });

    /// <summary>Returns true if a folder holds an adapter.</summary>
    public static bool IsIn(string folder) => File.Exists(Path.Combine(folder, DefinitionFile)) || File.Exists(Path.Combine(folder, TensorFile));

    /// <summary>Refuses a folder that an adapter cannot be saved to.</summary>
    /// <exception cref="SkTuningException">The folder holds other files, or files of another program with the names of an adapter's.</exception>
    public static void RequireReplaceable(string folder) => AtomicFolder.RequireReplaceable(folder, Content);

    /// <summary>Refuses to replace files of other programs that have the names of an adapter's files.</summary>
    private static void Check(string folder)
    {
        const string Expected = "an adapter to replace, or no file of that name", Advice = "Choose another folder, or move the file.";
        string file = Path.Combine(folder, DefinitionFile), tensors = Path.Combine(folder, TensorFile);
        var isOwn = File.Exists(tensors) ? HoldsDefinition(tensors) : null;
        if (isOwn == false) throw SkTuningException.BadFile(tensors, null, "a file that is not an adapter's", Expected, Advice);
        if (!File.Exists(file) || isOwn == true && new FileInfo(file).Length == 0) return;
        if (AdapterFile.FormatOf(InputFile.ReadAllText(file)) is var format && format != AdapterFile.FormatName)
            throw SkTuningException.BadFile(file, "format", format is null ? "missing" : $"\"{format}\"", $"\"{AdapterFile.FormatName}\": {Expected}", Advice);
    }

    /// <summary>Returns true if a file of tensors belongs to an adapter, false if not, and null if it is damaged.</summary>
    private static bool? HoldsDefinition(string file)
    {
        try
        {
            using var tensors = new SafetensorsCheckpoint(file);
            return tensors.Metadata.ContainsKey(DefinitionKey);
        }
        catch (SkTuningException) { return null; }
    }

    /// <summary>
    /// Writes the definition of the tensors that are in the folder, until it is there: of several saves at the same time, the one that renamed its tensors last
    /// need not be the one that renamed its definition last.
    /// </summary>
    private static void Settle(string folder, string staging)
    {
        string file = Path.Combine(folder, DefinitionFile), mine = Path.Combine(staging, DefinitionFile);
        while (true)
        {
            string? definition;
            using (var tensors = new SafetensorsCheckpoint(Path.Combine(folder, TensorFile))) definition = tensors.Metadata.GetValueOrDefault(DefinitionKey);
            if (definition is null || File.ReadAllText(file) == (definition += "\n")) return;
            File.WriteAllText(mine, definition);
            AtomicFile.Publish(mine, file);
        }
    }

    /// <summary>Reads a tensor of the task.</summary>
    public static TaskTensor ReadTensor(SafetensorsCheckpoint tensors, string name)
    {
        var entry = tensors.Entry(name);
        if (entry.StoredAs != "F32") throw SkTuningException.BadFile(tensors.Location, name, $"{entry.StoredAs} {entry.ShapeText}", "F32");
        using var value = tensors.Read(name);
        Finite.Stored(value, name, tensors.Location);
        return new(name, entry.Shape, value.data<float>().ToArray());
    }

    /// <summary>Reads the definition of an adapter, and checks that neither of its two copies was edited.</summary>
    public static AdapterFile ReadFile(string folder)
    {
        using var stored = StoredAdapter.Open(folder);
        return stored.File;
    }

    public static void ReadTensors(SafetensorsCheckpoint tensors, ParameterSet parameters, IEnumerable<string> others)
    {
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
        if (tensors.Entries.Keys.Except(others, StringComparer.Ordinal).FirstOrDefault(n => parameters.Specs.All(s => s.Name != n)) is { } unknown)
            throw SkTuningException.BadFile(tensors.Location, unknown, "a tensor that the method does not have", "only its own");
        tensors.RequireIntact();
    }
}
