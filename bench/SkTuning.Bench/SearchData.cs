using System.Globalization;

namespace SkTuning.Bench;

/// <summary>The rows of the benchmarks that search over texts, and what is written for them.</summary>
/// <param name="Name">The name of the data.</param>
/// <param name="Seed">The seed of the choice of training rows.</param>
/// <param name="Train">16 training rows of each label.</param>
/// <param name="Test">The test rows.</param>
internal sealed record SearchData(string Name, ulong Seed, IReadOnlyList<Row> Train, IReadOnlyList<Row> Test)
{
    private const string Support = "support";

    /// <summary>The written prompt.</summary>
    public string Prompt => IsSupport ? "Classify the topic of the customer's message:" : "Classify the sentiment of the movie review:";

    /// <summary>The written template of an in-context prompt.</summary>
    public string Template => IsSupport ? "Message: {text}\nTopic:" : "Review: {text}\nSentiment:";

    /// <summary>The written texts of the labels: their names and a definition.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Texts => IsSupport
        ? new Dictionary<string, IReadOnlyList<string>>
        {
            ["account"] = ["account", "logging in and personal data"],
            ["complaint"] = ["complaint", "anger about bad service"],
            ["delivery"] = ["delivery", "where a parcel is and when it arrives"],
            ["payment"] = ["payment", "charges, invoices and vouchers"],
            ["product"] = ["product", "questions about an item before it is bought"],
            ["returns"] = ["returns", "sending goods back and refunds"],
            ["subscription"] = ["subscription", "pausing, changing or ending a subscription"],
            ["warranty"] = ["warranty", "broken goods and repairs"],
        }
        : new Dictionary<string, IReadOnlyList<string>>
        {
            ["negative"] = ["negative", "the reviewer dislikes the movie"],
            ["positive"] = ["positive", "the reviewer likes the movie"],
        };

    private bool IsSupport => Name == Support;

    /// <summary>Returns draws of training rows: three of support and three of SST-2, or those that the arguments name.</summary>
    /// <param name="args">--data, --seeds, --test-rows, --shared.</param>
    /// <param name="limit">The number of test rows where the arguments do not say.</param>
    public static IEnumerable<SearchData> Draws(string[] args, int limit)
    {
        var shared = ChildRun.Option(args, "--shared") ?? Path.Combine("..", "shared");
        var seeds = ChildRun.Option(args, "--seeds") is { } given ? int.Parse(given, CultureInfo.InvariantCulture) : 3;
        limit = ChildRun.Option(args, "--test-rows") is { } rows ? int.Parse(rows, CultureInfo.InvariantCulture) : limit;
        foreach (var name in (ChildRun.Option(args, "--data") ?? $"{Support},sst-2").Split(','))
        {
            var folder = name == Support ? Path.Combine("assets", "data", Support) : Path.Combine(shared, "data", "sst2");
            var train = RowFile.Load(Path.Combine(folder, "train.tsv"));
            var test = RowFile.Load(Path.Combine(folder, name == Support ? "test.tsv" : "dev.tsv"));
            if (test.Count > limit) test = Splits.Stratified(test, (double)limit / test.Count, 1).HeldOut;
            for (var seed = 1UL; seed <= (ulong)seeds; seed++) yield return new(name, seed, Splits.KShot(train, 16, seed), test);
        }
    }

    /// <summary>Returns the model of the data: the embedded one for support, another one for SST-2, or the one that the arguments name for both.</summary>
    /// <param name="args">--model, --shared.</param>
    /// <param name="other">The name of the other model; null for the embedded one.</param>
    public string ModelPath(string[] args, string? other) => ChildRun.Option(args, "--model")
        ?? (IsSupport || other is null ? Path.Combine("assets", "models", "tiny")
            : Path.Combine(ChildRun.Option(args, "--shared") ?? Path.Combine("..", "shared"), "models", other));
}
