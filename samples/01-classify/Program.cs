// Trains a classifier on a few hundred rows, uses it, saves it, and loads it again.
using SkTuning;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
using var model = TinyModel.Load();
var rows = RowFile.Load(Path.Combine(support, "train.tsv"));

var options = new TextClassifierOptions { Prompt = "Classify the topic of the customer's message:", Training = new() { Epochs = 3 } };
using var classifier = TextClassifier.Train(model, rows, options);
Console.WriteLine($"Trained {classifier.ParameterCount:N0} parameters in {classifier.Report!.Seconds:F0} s. "
    + $"The model's {model.Describe().Parameters:N0} parameters are unchanged.");

var prediction = classifier.Predict("where is my parcel?");
Console.WriteLine($"{prediction.Label} ({prediction.Confidence:P0})");

var folder = Path.Combine(Path.GetTempPath(), "sktuning-sample-adapter");
classifier.Save(folder);
using var again = TextClassifier.Load(folder, model);
Console.WriteLine($"Loaded again: {again.Predict("the zip of my jacket broke after a week").Label}");
