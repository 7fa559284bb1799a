// Uses a quantized GGUF file, as llama.cpp does: dotnet run --project samples/15-gguf -c Release -- my-model.gguf
// Without a file, it uses the embedded model with 4-bit blocks: 4 MB instead of 13.
using SkTuning;

RuntimeSettings.Start(fast: true);
var file = args is [var own, ..] ? own : Path.Combine(AppContext.BaseDirectory, "tiny-q4_0.gguf");
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
var (rows, test) = (RowFile.Load(Path.Combine(support, "train.tsv")), RowFile.Load(Path.Combine(support, "test.tsv")));

// By default, blocks are expanded once, when the file is loaded. Kept quantized, each product expands its own matrix: less memory, more time.
foreach (var keep in (bool[])[false, true])
{
    using var model = FrozenModel.Load(file, new() { KeepQuantized = keep });
    var about = model.Describe();
    Console.WriteLine($"{about.Family}: {about.Parameters:N0} parameters, stored as {about.StoredAs}, {about.Memory / 1e6:F1} MB, "
        + $"of which {about.QuantizedMemory / 1e6:F1} MB quantized");

    using var classifier = TextClassifier.Train(model, rows, new() { Method = new ProbeOptions(), Training = new() { Folds = 0 } });
    var report = classifier.Evaluate(test);
    Console.WriteLine($"{report.Accuracy:P1} of {test.Count} test rows; {classifier.Predict("where is my parcel?").Label}");
}
