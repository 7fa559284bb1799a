using System.Text.Json.Nodes;
using SkTuning.Checkpoints;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>A model folder that a test creates: a fixture with other settings or names, or random weights for a config.</summary>
internal sealed class ModelFolder : IDisposable
{
    private ModelFolder() => Directory.CreateDirectory(Location);

    public string Location { get; } = Path.Combine(Path.GetTempPath(), "sktuning-" + Guid.NewGuid().ToString("N"));

    /// <summary>Copies the folder of a fixture with changed settings and renamed tensors; null removes a setting or a tensor.</summary>
    public static ModelFolder From(string fixture, Action<JsonObject>? edit = null, Func<string, string?>? rename = null)
    {
        var folder = new ModelFolder();
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(fixture, "config.json")))!.AsObject();
        edit?.Invoke(config);
        File.WriteAllText(Path.Combine(folder.Location, "config.json"), config.ToJsonString());
        if (File.Exists(Path.Combine(fixture, "expected.safetensors")))
            File.Copy(Path.Combine(fixture, "expected.safetensors"), Path.Combine(folder.Location, "expected.safetensors"));
        using var scope = NewDisposeScope();
        var tensors = Fixtures.Read(Path.Combine(fixture, "model.safetensors")).Tensors;
        SafetensorsWriter.Write(Path.Combine(folder.Location, "model.safetensors"),
            [.. tensors.Select(t => (Name: rename is null ? t.Key : rename(t.Key), t.Value)).Where(t => t.Name is not null).Select(t => (t.Name!, t.Value))]);
        return folder;
    }

    /// <summary>Creates random weights; those of norms are near one.</summary>
    public static ModelFolder Random(string config, IEnumerable<(string Name, long[] Shape)> tensors)
    {
        var folder = new ModelFolder();
        File.WriteAllText(Path.Combine(folder.Location, "config.json"), config);
        using var scope = NewDisposeScope();
        var generator = new Generator(7);
        SafetensorsWriter.Write(Path.Combine(folder.Location, "model.safetensors"), [.. tensors.Select(t => (t.Name, Value(t.Name, t.Shape)))]);
        return folder;

        Tensor Value(string name, long[] shape)
        {
            var value = randn(shape, generator: generator) * (shape.Length > 1 ? 0.3 : 0.1);
            return name.Contains("norm", StringComparison.OrdinalIgnoreCase) && name.EndsWith(".weight", StringComparison.Ordinal) ? value + 1 : value;
        }
    }

    public Transformer Load(Precision precision = Precision.Float32)
        => FrozenModel.LoadTransformer(Location, new() { Device = "cpu", CopyWeights = true, Precision = precision }, CPU).Transformer;

    public Dictionary<string, Tensor> Tensors() => Fixtures.Read(Path.Combine(Location, "model.safetensors")).Tensors;

    public void Dispose() => Directory.Delete(Location, recursive: true);
}
