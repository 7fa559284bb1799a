namespace SkTuning.Scenarios;

/// <summary>Small rows and short trainings.</summary>
internal static class Setting
{
    private static readonly Row[] Rows =
    [
        new("good film", "a"), new("a bad one", "b"), new("fine and fun to see", "a"), new("awful, dull", "b"), new("great", "a"), new("poor", "b"),
    ];

    public static IReadOnlyList<string> Texts { get; } = ["good film", "a bad one", string.Join(' ', Enumerable.Repeat("long", 60)), ""];

    public static IReadOnlyList<Row> Texted => Rows;

    public static IReadOnlyList<Row> Scored => [.. Rows.Select((r, i) => r with { Label = i % 2 == 0 ? "1" : "0" })];

    public static IReadOnlyList<TokenRow> Tagged { get; } =
    [
        new(["Anna", "sees", "Rome"], ["B-PER", "O", "B-LOC"]), new(["in", "Rome"], ["O", "B-LOC"]), new(["Anna", "sings"], ["B-PER", "O"]),
    ];

    public static FrozenModel Load(string path) => FrozenModel.Load(path, new() { Device = "cpu" });

    public static TrainingOptions Training(int epochs, ulong seed = 1) => new() { Epochs = epochs, BatchSize = 3, Patience = 0, Seed = seed };

    public static TextClassifierOptions Options(int epochs, TuningOptions? method = null, ulong seed = 1) => new()
    {
        Prompt = "Is it good:",
        Method = method ?? new SkPrefixOptions { Bottleneck = 2 },
        MaxTokens = 24,
        Dev = Rows,
        Training = Training(epochs, seed),
    };

    public static TextClassifier Train(FrozenModel model, int epochs = 1, ulong seed = 1) => TextClassifier.Train(model, Rows, Options(epochs, seed: seed));
}
