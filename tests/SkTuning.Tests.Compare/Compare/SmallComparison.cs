using SkTuning.Compare;

namespace SkTuning.Tests.Compare;

/// <summary>A comparison on the embedded model that takes a second: two labels, a handful of rows, and a test row planted in the training rows.</summary>
internal sealed class SmallComparison : IDisposable
{
    public const string Leaked = "My parcel has  not arrived";
    private static readonly string[] Late =
    [
        "The parcel is late", "Where is my parcel", "My order has not come", "The van never came",
        "Still waiting for the parcel", "It was due on Monday", "No parcel yet", "When will it be delivered",
    ];
    private static readonly string[] Paid =
    [
        "I was charged twice", "Refund my card", "The invoice is wrong", "My payment failed",
        "The price on the bill is too high", "Can I pay by card", "The bank refused it", "I need a receipt",
    ];

    private readonly TemporaryFolder _folder = new();

    public SmallComparison()
    {
        Write("train.tsv", [.. Late.Take(4).Select(t => (t, "delivery")), .. Paid.Take(4).Select(t => (t, "payment")), (Leaked, "delivery")]);
        Write("dev.tsv", [.. Late.Skip(4).Take(2).Select(t => (t, "delivery")), .. Paid.Skip(4).Take(2).Select(t => (t, "payment"))]);
        Write("test.tsv", Test);
    }

    public static (string, string)[] Test { get; } =
        [.. Late.Skip(6).Select(t => (t, "delivery")), .. Paid.Skip(6).Select(t => (t, "payment")), ("my parcel has not ARRIVED ", "payment")];

    public string Folder => _folder.Path;

    public string Results => _folder["results"];

    public static PlanMethod Tuned { get; } = new()
    {
        Method = "sk-prefix",
        Settings = new Dictionary<string, string> { ["bottleneck"] = "2" },
        Rates = [1e-3, 1e-2],
    };

    public ComparisonPlan Make(params PlanMethod[] methods) => new()
    {
        Name = "small",
        Model = Fixtures.Tiny,
        Device = "cpu",
        Seeds = [1, 2],
        Epochs = 2,
        BatchSize = 4,
        Folder = Folder,
        DataSets = [new() { Name = "mail", Prompt = "Delivery or payment?", Train = "train.tsv", Dev = "dev.tsv", Test = "test.tsv" }],
        Methods = methods.Length > 0 ? methods : [new() { Method = "majority" }, new() { Method = "tfidf" }, Tuned],
    };

    public void Write(string name, IEnumerable<(string Text, string Label)> rows)
        => File.WriteAllText(Path.Combine(Folder, name), "text\tlabel\n" + string.Concat(rows.Select(r => $"{r.Text}\t{r.Label}\n")));

    public ComparisonResult Run(ComparisonPlan plan, Progress? progress = null, string? results = null, CancellationToken cancellationToken = default)
        => ComparisonRunner.Run(plan, results ?? Results, progress, cancellationToken);

    /// <summary>Returns a result without the measured times.</summary>
    public static ComparisonResult Timeless(ComparisonResult r) => r with
    {
        Trials = [.. r.Trials.Select(t => t with { Seconds = 0, SecondsPerStep = null })],
        Scores = [.. r.Scores.Select(s => s with { Seconds = 0 })],
        Summaries = [.. r.Summaries.Select(s => s with { SecondsPerStep = null, SecondsPerTrial = 0 })],
    };

    /// <summary>Returns a result as text for comparison, because the equality of records does not compare the elements of lists.</summary>
    public static string Text(ComparisonResult result)
    {
        using var folder = new TemporaryFolder();
        Timeless(result).Save(folder["r.json"]);
        return File.ReadAllText(folder["r.json"]);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Records the reports synchronously and in order.</summary>
    internal sealed class Progress(Action<ComparisonProgress>? then = null) : IProgress<ComparisonProgress>
    {
        public List<ComparisonProgress> All { get; } = [];

        /// <summary>The number of trials run, without cached ones.</summary>
        public int Ran => All[^1].Done - All[^1].Cached;

        public void Report(ComparisonProgress value)
        {
            All.Add(value);
            then?.Invoke(value);
        }
    }
}
