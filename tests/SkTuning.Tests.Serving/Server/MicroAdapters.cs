using System.IO.Compression;

namespace SkTuning.Tests.Server;

/// <summary>Adapters on the micro-model, trained once for all tests of the server.</summary>
public sealed class MicroAdapters : IDisposable
{
    public const string Collection = "server";

    private static readonly string[] Words = ["parcel", "card", "bill"], Ends = ["", " please", " here", " late"];
    private readonly TemporaryFolder _folder = new();

    public MicroAdapters()
    {
        Row[] rows = [.. Words.SelectMany(w => Ends.Select(e => new Row($"my {w}{e}", w)))];
        Train("words", Model, rows, "probe");
        Train("tuned", Model, rows, "lora");
        Train("pairs", Model, [.. rows.Select(r => r with { Text2 = "it is late" })], "probe");
        using var other = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu", RandomWeights = 7 });
        Train("foreign", other, rows, "probe");
    }

    public FrozenModel Model { get; } = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });

    /// <summary>The folder of an adapter: words, tuned, pairs, or foreign, which is of another base.</summary>
    public string this[string name] => _folder[name];

    public byte[] File(string name, string file) => System.IO.File.ReadAllBytes(Path.Combine(_folder[name], file));

    /// <summary>A zip file of an adapter.</summary>
    public byte[] Zip(string name) => Zipped(("adapter.json", File(name, "adapter.json")), ("adapter.safetensors", File(name, "adapter.safetensors")));

    public static byte[] Zipped(params (string Name, byte[] Content)[] files)
    {
        var zip = new MemoryStream();
        using (var archive = new ZipArchive(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = archive.CreateEntry(name).Open();
                entry.Write(content);
            }
        }
        return zip.ToArray();
    }

    /// <summary>Copies an adapter to the folder of a server.</summary>
    public void CopyTo(string name, string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(_folder[name])) System.IO.File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
    }

    public void Dispose()
    {
        Model.Dispose();
        _folder.Dispose();
    }

    private void Train(string name, FrozenModel model, Row[] rows, string method)
    {
        using var trained = TextClassifier.Train(model, rows, new()
        {
            Prompt = "is it my box", Method = TuningOptions.Create(method), Dev = rows, Training = new() { Epochs = 1 },
        });
        trained.Save(_folder[name]);
    }
}

[CollectionDefinition(MicroAdapters.Collection)]
public sealed class SharedAdapters : ICollectionFixture<MicroAdapters>;
