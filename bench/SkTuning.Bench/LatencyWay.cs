using SkTuning.Onnx;

namespace SkTuning.Bench;

/// <summary>A way of predicting the labels of texts, for a number of threads.</summary>
/// <param name="Name">The name in the table.</param>
/// <param name="Predict">Returns the labels of texts. It can be called by several threads.</param>
internal sealed record LatencyWay(string Name, Func<IReadOnlyList<string>, IReadOnlyList<string>> Predict) : IDisposable
{
    /// <summary>Prepares the calling thread and threads that start later for a number of threads; null: there is nothing to prepare.</summary>
    public Action? Prepare { get; init; }

    /// <summary>What to dispose with the way.</summary>
    public IReadOnlyList<IDisposable> Owned { get; init; } = [];

    /// <summary>An adapter of the library, read onto a model of its own.</summary>
    public static LatencyWay Library(string modelPath, string folder, Precision precision, int threads)
    {
        var model = FrozenModel.Load(modelPath, new() { Device = "cpu", Precision = precision });
        var adapter = TextClassifier.Load(folder, model);
        return new($"library {(precision == Precision.BFloat16 ? "bf16" : "fp32")}", texts => [.. adapter.Predict(texts).Select(p => p.Label ?? "")])
        {
            Prepare = () => RuntimeSettings.Start(threads, fast: true),
            Owned = [adapter, model],
        };
    }

    /// <summary>The same adapter, exported to ONNX Runtime.</summary>
    public static LatencyWay Onnx(string modelPath, string folder, OnnxPrecision precision, int threads)
    {
        var exported = $"{folder}-{precision}";
        if (!Directory.Exists(exported))
        {
            using var model = FrozenModel.Load(modelPath, new() { Device = "cpu" });
            using var adapter = TextClassifier.Load(folder, model);
            OnnxExport.Write(adapter, exported, new() { Precision = precision });
        }
        var classifier = OnnxClassifier.Load(exported, new() { Threads = threads });
        return new($"ONNX {classifier.Precision}", texts => [.. classifier.Predict(texts).Select(p => p.Label ?? "")]) { Owned = [classifier] };
    }

    public void Dispose()
    {
        foreach (var owned in Owned) owned.Dispose();
    }
}
