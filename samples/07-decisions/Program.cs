// Asks several questions about a message. Two adapters on one model answer them with calibrated probabilities; the code that asks knows only IDecisionClient.
using System.Text.Json;
using SkTuning;
using SkTuning.Serving;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
using var model = TinyModel.Load();
await using var engine = new ClassifierEngine(model);
var rows = RowFile.Load(Path.Combine(support, "train.tsv"));
await Serve("topic", rows);
await Serve("complains", rows.Select(r => r with { Label = r.Label is "complaint" or "warranty" ? "yes" : "no" }));

using IDecisionClient client = new EngineDecisionClient(engine);
await Ask(client, "your driver shouted at my mother");
await Ask(client, "can I pay by invoice?");

static async Task Ask(IDecisionClient client, string text)
{
    var response = await client.GetResponseAsync(new(JsonSerializer.SerializeToElement(text),
    [
        new ChoiceDecisionQuestion("topic", "What is the message about?", []),
        new BinaryDecisionQuestion("complains", "Does the customer complain?"),
    ]));
    var topic = (ChoiceDecisionAnswer)response.Answers["topic"];
    var complains = (BinaryDecisionAnswer)response.Answers["complains"];
    Console.WriteLine($"{text}: {topic.SelectedChoice} ({topic.Confidence:P0}), "
        + (complains.TrueProbability > 0.7 ? "call back" : complains.TrueProbability < 0.3 ? "answer by mail" : "ask a person")
        + $" ({complains.TrueProbability:P0})");
}

async Task Serve(string name, IEnumerable<Row> examples)
{
    var folder = Path.Combine(Path.GetTempPath(), $"sktuning-sample-{name}");
    using (var classifier = TextClassifier.Train(model, examples, new() { Method = new ProbeOptions() })) classifier.Save(folder);
    await engine.LoadAsync(name, folder);
}
