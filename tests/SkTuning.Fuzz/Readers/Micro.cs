using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Readers;

/// <summary>The model of 40 KB that adapters, runs and comparisons are made on, and texts of its words.</summary>
internal static class Micro
{
    public const string Prompt = "is it my box";

    private static readonly Lazy<FrozenModel> Shared = new(() => FrozenModel.Load(Repository.MicroModel, Options));

    public static FrozenModelOptions Options { get; } = new() { Device = "cpu", CopyWeights = true };

    /// <summary>One model for all inputs that are not a model.</summary>
    public static FrozenModel Model => Shared.Value;

    public static IReadOnlyList<string> Texts { get; } = ["where is my parcel", "my card was refused", "", "the box is not here and more \U0001F600"];

    public static IReadOnlyList<Row> Rows { get; } =
    [
        new("where is my parcel", "box"), new("my card was refused", "money"), new("the parcel is late", "box"), new("the bill is not paid", "money"),
        new("my box is not here", "box"), new("a bad card", "money"), new("please where is the box", "box"), new("the card is bad", "money"),
    ];

    /// <summary>Loads a model, trains a head on its states, predicts with it and ranks answers.</summary>
    public static void UseModel(string path, Use use, IReadOnlyList<Row>? rows = null)
    {
        rows ??= Rows;
        using var model = FrozenModel.Load(path, Options);
        use.Loaded();
        using var classifier = TextClassifier.Train(model, rows, new()
        {
            Prompt = rows[0].Text, Method = new ProbeOptions(), Dev = rows, Training = new() { Epochs = 1, BatchSize = 4 },
        });
        Use.Number("DevScore", classifier.Report!.DevScore);
        foreach (var prediction in classifier.Predict([.. rows.Select(r => r.Text), .. Texts])) Use.Prediction(prediction);
        if (!model.Describe().HasLanguageModelHead || !model.Describe().Causal) return;
        foreach (var answer in AnswerRanker.Rank(model, rows[0].Text, [rows[1].Text, rows[2].Text])) Use.Number("the score of an answer", answer.Score);
    }
}
