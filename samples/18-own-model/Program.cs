// Looks at a model folder of your own before you use it: dotnet run --project samples/18-own-model -c Release -- path/to/model
// Without a path, it uses the embedded model, which is a Llama of 6.5 million parameters.
using SkTuning;
using SkTuning.Diagnostics;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
var path = args is [var own, ..] ? own : TinyModel.Folder;

// A folder with config.json, safetensors (or .bin) and tokenizer.json. What is not supported is refused by name.
using var model = FrozenModel.Load(path);
foreach (var (name, value) in model.Describe().Lines())
    Console.WriteLine($"{name,-22} {value}");

// Equalities that hold for every model: padding changes nothing, and a prompt as a prefix equals reading it in one pass.
foreach (SelfCheckResult check in SelfCheck.Run(model))
    Console.WriteLine($"{(check.Holds ? "ok" : "FAILED"),-6} {check.Name}: difference {check.Difference:E1}");

// A causal model reads a prompt before each text.
var rows = RowFile.Load(Path.Combine(support, "train.tsv"));
var options = new TextClassifierOptions
{
    Prompt = "Classify the topic of the customer's message: {labels}.", Method = new SkPrefixOptions(), Training = new() { MaxSteps = 16, Folds = 0 },
};
using var classifier = TextClassifier.Train(model, rows, options);
Console.WriteLine($"{classifier.ParameterCount:N0} trained parameters; {classifier.Predict("where is my parcel?")}");

// The adapter knows its base: the fingerprint covers configuration, weights (sampled) and tokenizer.
using var same = FrozenModel.Load(path, new() { CopyWeights = true });
Console.WriteLine($"The same model: {model.Fingerprint == same.Fingerprint}");
