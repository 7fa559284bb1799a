// Exports a trained classifier with its model, and predicts with it in ONNX Runtime, which needs no libtorch.
using SkTuning;
using SkTuning.Onnx;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
var exported = Path.Combine(Path.GetTempPath(), "sktuning-sample-export");
string[] texts = ["where is my parcel?", "the zip of my jacket broke after a week", "cancel my plan please"];

// Where you train: SkTuning and SkTuning.Onnx.
using var model = TinyModel.Load();
var rows = RowFile.Load(Path.Combine(support, "train.tsv"));
using var trained = TextClassifier.Train(model, rows, new() { Prompt = "Classify the topic of the customer's message:", Training = new() { Epochs = 1 } });

foreach (var precision in (OnnxPrecision[])[OnnxPrecision.Float32, OnnxPrecision.Int8])
{
    OnnxExport.Write(trained, exported, new() { Precision = precision });

    // Where you serve: SkTuning.OnnxRuntime alone. Both classifiers are an ITextClassifier.
    using var served = OnnxClassifier.Load(exported);
    Console.WriteLine($"{precision}: {new FileInfo(Path.Combine(exported, "model.onnx")).Length / 1e6:F0} MB");
    Print(trained.Predict(texts), served.Predict(texts));
}

static void Print(IReadOnlyList<TextClassifierPrediction> library, IReadOnlyList<TextClassifierPrediction> onnx)
{
    foreach (var (a, b) in library.Zip(onnx)) Console.WriteLine($"  library: {a.Label} ({a.Confidence:P1}), ONNX Runtime: {b.Label} ({b.Confidence:P1})");
}
