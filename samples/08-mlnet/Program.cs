// Trains a text classifier in an ML.NET pipeline, saves the pipeline with the adapter in it, loads it, and predicts.
using Microsoft.ML;
using SkTuning;
using SkTuning.ML;

RuntimeSettings.Start(fast: true);
var support = Path.Combine(AppContext.BaseDirectory, "assets", "data", "support");
using var model = TinyModel.Load();
var context = new MLContext(seed: 1);
var data = context.Data.LoadFromEnumerable(RowFile.Load(Path.Combine(support, "train.tsv")).Select(r => new Message(r.Text, r.Label)));

var pipeline = context.Transforms.Text.NormalizeText("Text", keepPunctuations: true)
    .Append(context.MulticlassClassification.Trainers.SkTuning(model, new() { Method = new ProbeOptions() }));
var file = Path.Combine(Path.GetTempPath(), "sktuning-sample-pipeline.zip");
using (var fitted = pipeline.Fit(data)) context.Model.Save(fitted, data.Schema, file);
Console.WriteLine($"The pipeline has {new FileInfo(file).Length / 1024} KB");

var loaded = context.Model.LoadSkTuning(file, model, out _);
using var engine = context.Model.CreatePredictionEngine<Message, Answer>(loaded);
foreach (var text in (string[])["Your driver SHOUTED at my mother", "Can I pay by invoice?"])
{
    var answer = engine.Predict(new(text));
    Console.WriteLine($"{text}: {answer.PredictedLabel} ({answer.Confidence:P0})");
}

internal sealed record Message(string Text, string Label = "")
{
    public Message() : this("") { }
}

internal sealed record Answer
{
    public string PredictedLabel { get; set; } = "";

    public float Confidence { get; set; }
}
