using System.Text;
using SkTuning.Exports;
using SkTuning.Fuzz.Mutation;
using SkTuning.Fuzz.Running;
using SkTuning.Onnx;

namespace SkTuning.Fuzz.Readers;

/// <summary>Adapters exported for ONNX Runtime, with any byte of any file damaged. ONNX Runtime must not see a damaged model: it can end the process.</summary>
internal sealed class ExportReader : Reader
{
    public override string Name => "onnx";
    public override int Weight => 4;

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        foreach (var (name, adapter) in Adapters())
            using (adapter)
            {
                var exported = Path.Combine(folder, name);
                OnnxExport.Write(adapter, exported);
                yield return Seed.Of(exported, f => f is ExportFolder.ModelFile or ExportFolder.TensorsFile or "tokenizer.json");
            }
    }

    public override void Use(string folder, Use use) => Predict(folder, use);

    /// <summary>Returns an adapter of each task, and one whose rejection rule has tensors.</summary>
    public static IEnumerable<(string Name, TunedAdapter Adapter)> Adapters()
    {
        var (model, rows) = (Micro.Model, Micro.Rows);
        yield return ("single-label", TextClassifier.Train(model, rows, new() { Method = new ProbeOptions() }));
        yield return ("rejection", TextClassifier.Train(model, rows,
            new() { Method = new ProbeOptions(), Rejection = new() { Score = RejectionScore.NearestNeighbors, RejectedFraction = 0.2 } }));
        yield return ("multi-label", MultiLabelClassifier.Train(model, rows, new() { Method = new ProbeOptions() }));
        yield return ("regression", TextRegressor.Train(model, [.. rows.Select((r, i) => new Row(r.Text, $"{i}"))], new() { Method = new ProbeOptions() }));
        yield return ("ordinal", OrdinalClassifier.Train(model, rows, new() { Method = new ProbeOptions() }));
        yield return ("tokens", TokenClassifier.Train(model, [.. rows.Select(Tagged)], new() { Method = new ProbeOptions() }));

        static TokenRow Tagged(Row row)
        {
            var words = row.Text.Split(' ');
            return new(words, [.. words.Select(w => w.Length > 3 ? "B-THING" : "O")]);
        }
    }

    public static void Predict(string folder, Use use)
    {
        using var adapter = OnnxAdapter.Load(folder, new() { Threads = 1 });
        use.Loaded();
        foreach (var prediction in adapter.PredictTexts(Micro.Texts)) Running.Use.Prediction(prediction);
    }
}

/// <summary>Exports with a valid checksum whose description or tensors are damaged.</summary>
internal sealed class SealedExportReader : Reader
{
    private const string Description = "description.json";

    public override string Name => "sealed-onnx";
    public override int Weight => 4;

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        foreach (var (name, adapter) in ExportReader.Adapters())
            using (adapter)
            {
                var exported = Path.Combine(folder, name);
                OnnxExport.Write(adapter, exported);
                using (var loaded = OnnxAdapter.Load(exported)) File.WriteAllText(Path.Combine(exported, Description), loaded.Export.Adapter.ToJson());
                yield return Seed.Of(exported, f => f is Description or ExportFolder.TensorsFile);
            }
    }

    public override IReadOnlyList<Mutator> MutatorsOf(string file) => file == Description ? [JsonMutator.Instance] : [TensorMutator.Instance];

    /// <summary>A message can be continued: of two entries of the metadata with one key, the last one counts.</summary>
    public override void Use(string folder, Use use)
    {
        using (var model = new FileStream(Path.Combine(folder, ExportFolder.ModelFile), FileMode.Append))
        {
            var (key, value) = (Encoding.UTF8.GetBytes(ExportedAdapter.MetadataKey), File.ReadAllBytes(Path.Combine(folder, Description)));
            byte[] entry = [0x0A, .. Length(key.Length), .. key, 0x12, .. Length(value.Length), .. value];
            model.Write([0x72, .. Length(entry.Length), .. entry]);
        }
        ExportFolder.Seal(folder);
        ExportReader.Predict(folder, use);
    }

    private static IEnumerable<byte> Length(int length)
    {
        for (; length >= 0x80; length >>= 7) yield return (byte)(length | 0x80);
        yield return (byte)length;
    }
}

/// <summary>Exports whose model is damaged and has a new checksum: someone who writes a file on purpose can do that. ONNX Runtime reads them.</summary>
internal sealed class ForgedExportReader : Reader
{
    public override string Name => "forged-onnx";
    public override int Weight => 2;

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        foreach (var (name, adapter) in ExportReader.Adapters())
            using (adapter)
            {
                var exported = Path.Combine(folder, name);
                OnnxExport.Write(adapter, exported);
                yield return Seed.Of(exported, f => f is ExportFolder.ModelFile);
            }
    }

    public override void Use(string folder, Use use)
    {
        ExportFolder.Seal(folder);
        ExportReader.Predict(folder, use);
    }
}
