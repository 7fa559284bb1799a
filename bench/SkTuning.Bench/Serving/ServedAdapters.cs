using SkTuning.Data;
using static TorchSharp.torch;

namespace SkTuning.Bench.Serving;

/// <summary>
/// Many adapters with different values, from one training of each method: the values of each copy are multiplied by random numbers around 1. They serve to
/// measure speed and equality, not accuracy.
/// </summary>
internal static class ServedAdapters
{
    private const float Spread = 0.2f;

    /// <summary>Trains an adapter of each method, and saves copies in a folder, with the methods in turn. Returns the folders.</summary>
    public static IReadOnlyList<string> Create(FrozenModel model, IReadOnlyList<Row> rows, IReadOnlyList<TuningOptions> methods, int count, string folder)
    {
        var made = new string[count];
        for (var m = 0; m < methods.Count; m++)
        {
            using var adapter = TextClassifier.Train(model, rows, new()
            {
                Prompt = "Classify the question by the kind of answer it asks for:",
                Method = methods[m],
                Training = new() { Epochs = 1, Folds = 0, LearningRate = 0.01 },
            });
            var values = adapter.Adapter.Tuned.Parameters;
            using var trained = values.Values.detach().clone();
            for (var a = m; a < count; a += methods.Count)
            {
                using var scope = NewDisposeScope();
                using var off = no_grad();
                var random = new Shuffler((ulong)a + 1);
                var factors = new float[values.Count];
                foreach (ref var factor in factors.AsSpan()) factor = 1 + Spread * (float)random.NextGaussian();
                values.Values.copy_(trained * tensor(factors));
                values.Changed();
                adapter.Save(made[a] = Path.Combine(folder, $"adapter-{a:D3}"));
            }
        }
        return made;
    }

    /// <summary>Texts of several data sets in a fixed order, so that lengths are mixed.</summary>
    public static IReadOnlyList<string> Texts(string shared, int count)
    {
        var texts = new List<string>();
        foreach (var data in (string[])["trec6", "sst2", "ag_news", "banking77"])
            texts.AddRange(RowFile.Load(Path.Combine(shared, "data", data, "test.tsv"), new() { Limit = (count + 3) / 4 }).Select(r => r.Text));
        string[] mixed = [.. texts];
        new Shuffler(1).Shuffle<string>(mixed);
        return mixed[..Math.Min(count, mixed.Length)];
    }
}
