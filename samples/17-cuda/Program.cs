// Trains on an NVIDIA GPU, and ends without one: dotnet run --project samples/17-cuda -c Release -p:SkTuningBackend=cuda
// With SK_LIBTORCH=FOLDER, the libtorch of a Python installation of torch is used instead of the package's.
using SkTuning;

RuntimeSettings.Start(fast: true);
FrozenModel model;
try { model = TinyModel.Load(new() { Device = "cuda", Precision = Precision.Auto }); }
catch (SkTuningException e)
{
    Console.WriteLine($"Skipped. {e.Message}");
    return;
}

using (model)
{
    var about = model.Describe();
    Console.WriteLine($"{about.Device}, {about.Precision}: {about.PrecisionReason}");

    // Small batches leave a GPU waiting for the processor: use batches as large as learning allows.
    var rows = RowFile.Load(Path.Combine(AppContext.BaseDirectory, "assets", "data", "support", "train.tsv"));
    using var classifier = TextClassifier.Train(model, rows, new() { Method = new LoraOptions(), Training = new() { BatchSize = 64, Folds = 0 } });
    Console.WriteLine($"{classifier.Report!.Steps} steps in {classifier.Report.Seconds:F1} s");
    Console.WriteLine(classifier.Predict("where is my parcel?"));

    // The adapter does not depend on the device: it is loaded on a CPU as well.
    var folder = Path.Combine(Path.GetTempPath(), "sktuning-sample-cuda");
    classifier.Save(folder);
    using var onCpu = TinyModel.Load();
    using var same = TextClassifier.Load(folder, onCpu);
    Console.WriteLine($"On the CPU: {same.Predict("where is my parcel?")}");
}
