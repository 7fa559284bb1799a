// Exchanges adapters with PEFT, Python's library: exports one, imports it again, and merges one into a copy of the model.
using SkTuning;
using SkTuning.Peft;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
var work = Directory.CreateTempSubdirectory("sktuning-sample-peft").FullName;
using var model = TinyModel.Load();
var rows = RowFile.Load(Path.Combine(support, "train.tsv"), new() { Limit = 160 });
const string text = "where is my parcel?";

// PEFT needs a head that the classes of transformers have.
var options = new TextClassifierOptions
{
    Method = new LoraOptions { Rank = 4 }, Head = new HuggingFaceHeadOptions(), Training = new() { MaxSteps = 10 },
};
using var trained = TextClassifier.Train(model, rows, options);
var peft = Path.Combine(work, "for-peft");
PeftInterop.Export(trained, peft, baseName: "org/base-model");
Console.WriteLine($"PEFT reads: {string.Join(", ", Directory.GetFiles(peft).Select(Path.GetFileName).Order(StringComparer.Ordinal))}");

// An adapter of PEFT has no labels: pass them in the order of its head. This one was exported here, so it still knows them.
using var imported = PeftInterop.Import<TextClassifier>(peft, model);
Show("trained", trained);
Show("imported", imported);

// A model of its own, for any program that reads Hugging Face folders.
var merged = Path.Combine(work, "merged");
AdapterMerge.Write(trained, merged);
using var mergedModel = FrozenModel.Load(merged);
using var mergedClassifier = TextClassifier.Load(Path.Combine(merged, AdapterMerge.HeadFolder), mergedModel);
Show("merged", mergedClassifier);
Directory.Delete(work, recursive: true);

static void Show(string name, TextClassifier classifier)
{
    var prediction = classifier.Predict(text);
    Console.WriteLine($"{name}: {prediction.Label} ({prediction.Confidence:F4})");
}
