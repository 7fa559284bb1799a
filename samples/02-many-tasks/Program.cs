// Many tasks share one model in memory: each task costs a few hundred kilobytes.
using SkTuning;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
using var model = TinyModel.Load();
var rows = RowFile.Load(Path.Combine(support, "train.tsv"));

// Two tasks on the same messages: the topic, and whether the customer should be called back.
var urgent = rows.Select(r => r with { Label = r.Label is "complaint" or "warranty" ? "call back" : "answer by mail" });
using var topics = Train(rows, "Classify the topic of the customer's message:");
using var routes = Train(urgent, "Does the customer complain about something broken or rude?");

foreach (var text in new[] { "your driver shouted at my mother", "can I pay by invoice?", "the fridge stopped cooling" })
    Console.WriteLine($"{text}: {topics.Predict(text).Label}, {routes.Predict(text).Label}");

TextClassifier Train(IEnumerable<Row> examples, string prompt)
    => TextClassifier.Train(model, examples, new() { Prompt = prompt, Training = new() { Epochs = 2 } });
