// Uses a GGUF file, quantized, as llama.cpp does: dotnet run --project samples/15-gguf -c Release -- my-model.gguf
// Without a file, it uses a model of random weights from the tests of this repository, whose answers mean nothing.
using SkTuning;

RuntimeSettings.Start(fast: true);
var file = args is [var own, ..] ? own : Path.Combine(AppContext.BaseDirectory, "llama-q8_0.gguf");

// Matrices stay quantized, and each product expands its own one: less memory, more time. Without the option, they are expanded once.
using var model = FrozenModel.Load(file, new() { KeepQuantized = true });
var about = model.Describe();
Console.WriteLine($"{about.Family}: {about.Parameters:N0} parameters, stored as {about.StoredAs}, {about.Layers} layers, context {about.Context}");
Console.WriteLine($"{about.QuantizedMemory / 1024.0:N0} KB stay quantized");

var rows = RowFile.Load(Path.Combine(AppContext.BaseDirectory, "assets", "data", "support", "train.tsv"), new() { Limit = 80 });
using var classifier = TextClassifier.Train(model, rows, new() { Method = new ProbeOptions() });
Console.WriteLine(classifier.Report!.Verdict?.Summary ?? $"Trained the head in {classifier.Report.Seconds:F1} s");
Console.WriteLine(classifier.Predict("where is my parcel?"));
