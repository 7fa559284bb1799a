// Reports progress during training, stops after a time limit, and predicts a stream of texts.
using SkTuning;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
using var model = TinyModel.Load();
var rows = RowFile.Load(Path.Combine(support, "train.tsv"));

using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(20));   // training stops here at the latest; the best adapter so far is used
using var classifier = Train();
await foreach (var prediction in classifier.PredictAsync(Messages()))
    Console.WriteLine(prediction.Error ?? $"{prediction.Label} ({prediction.Confidence:P0})");

TextClassifier Train()
{
    var options = new TextClassifierOptions { Prompt = "Classify the topic of the customer's message:", Training = new() { Epochs = 3 } };
    var progress = new Progress<TrainingProgress>(p =>
    {
        if (p.CompletedEpoch is { } e) Console.WriteLine($"epoch {e.Epoch}: loss {e.TrainLoss:F3}, dev {e.DevScore:P1}");
    });
    try { return TextClassifier.Train(model, rows, options, progress, stop.Token); }
    // An OperationCanceledException of another type means that no step was completed.
    catch (TrainingCanceledException<TextClassifier> e) { return e.Result; }
}

async IAsyncEnumerable<string> Messages()
{
    foreach (var row in RowFile.Load(Path.Combine(support, "test.tsv"), new() { Limit = 5 }))
    {
        await Task.Delay(10);
        yield return row.Text;
    }
}
