// Eight rows of each label, and texts that say what the labels mean. The training ends with a verdict on the adapter and on the texts.
using SkTuning;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
using var model = TinyModel.Load();
var all = RowFile.Load(Path.Combine(support, "train.tsv"));
var test = RowFile.Load(Path.Combine(support, "test.tsv"));
var few = Splits.KShot(all, perLabel: 8, seed: 1);

var texts = new Dictionary<string, IReadOnlyList<string>>
{
    ["delivery"] = ["delivery", "where a parcel is and when it arrives", "where is my order?"],
    ["returns"] = ["returns", "sending goods back and refunds", "how can I return the shoes?"],
    ["payment"] = ["payment", "charges, invoices and vouchers", "my card was charged twice"],
    ["account"] = ["account", "login, password and personal data", "I cannot log in"],
    ["product"] = ["product", "what an item is like and how to use it", "is it dishwasher safe?"],
    ["warranty"] = ["warranty", "an item that broke and its repair", "the zip broke after a week"],
    ["subscription"] = ["subscription", "starting or ending a membership or a box", "please pause my box"],
    ["complaint"] = ["complaint", "rude or careless staff", "your driver shouted at me"],
};

// No rows at all: the texts alone are a classifier.
using (var blind = TextClassifier.FromDescriptions(model, new() { LabelDescriptions = texts }))
    Console.WriteLine($"no rows:              {blind.Evaluate(test).Accuracy:P1} of {test.Count} test rows");

// The head alone, with the names of the labels only, and with the texts.
Show("head, names only", new() { Method = new ProbeOptions() });
Show("head, texts", new() { Method = new ProbeOptions(), LabelDescriptions = texts });
var report = Show("adapter, texts", new() { LabelDescriptions = texts, Method = new LoraOptions(), Training = new() { MaxSteps = 16 } });
Console.WriteLine(report.Verdict!.Summary);
Console.WriteLine(report.Descriptions?.Summary);

TrainingReport Show(string name, TextClassifierOptions options)
{
    using var classifier = TextClassifier.Train(model, few, options);
    Console.WriteLine($"{name + ":",-21} {classifier.Evaluate(test).Accuracy:P1}");
    return classifier.Report!;
}
