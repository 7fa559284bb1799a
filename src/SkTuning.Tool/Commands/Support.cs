namespace SkTuning.Tool.Commands;

/// <summary>The embedded example task.</summary>
internal static class Support
{
    public const string Prompt = "Classify the topic of the customer's message:";

    public static TextClassifierOptions Options(TuningOptions method, IReadOnlyList<Row> dev, ulong seed)
        => new() { Prompt = Prompt, Method = method, Dev = dev, Training = new() { Seed = seed } };
}
