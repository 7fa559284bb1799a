using SkTuning.Tests.Classifiers;

namespace SkTuning.Tests.Methods;

/// <summary>Every method from rows to an adapter's folder and back, on the embedded model.</summary>
public sealed class EveryMethodSavedTests(EveryMethodSavedTests.Tiny tiny) : IClassFixture<EveryMethodSavedTests.Tiny>
{
    private static readonly string[] Texts = ["where is my parcel?", "I was charged twice."];

    public sealed class Tiny : IDisposable
    {
        public FrozenModel Model { get; } = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        public IReadOnlyList<Row> Rows { get; } = Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv")), 2, 1);
        public void Dispose() => Model.Dispose();
    }

    public static IEnumerable<TheoryDataRow<string>> Cases()
        => MethodCases.All.Where(c => c.Value.Families.Contains("llama")).Select(c => c.Key).Concat(Ablations.Keys).Select(c => new TheoryDataRow<string>(c));

    /// <summary>The words that are read instead of the prompt's are drawn again when an adapter is loaded.</summary>
    private static readonly Dictionary<string, TuningOptions> Ablations = new(
        from method in (string[])["sk-prefix", "sk-prompt", "sk-memory", "sk-prefix+lora"]
        from words in (string[])["random", "permuted", "vectors"]
        let name = method.Split('+') is { Length: 2 } parts ? $"{parts[0]}.promptWords" : "promptWords"
        select KeyValuePair.Create($"{method} {words}", TuningOptions.Create(method, [new(name, words)])));

    [Theory, MemberData(nameof(Cases))]
    public void It_trains_and_a_saved_adapter_gives_the_same_scores_bit_for_bit(string name)
    {
        using var folder = new TemporaryFolder();
        var options = new TextClassifierOptions
        {
            Prompt = TrainedOnTiny.Prompt,
            Method = Ablations.GetValueOrDefault(name) ?? MethodCases.All[name].Options,
            Training = new() { Epochs = 1, HeadFirst = false, Folds = 0 },
        };
        using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, options);
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], tiny.Model);
        Assert.Equal(options.Method.Name, again.Method);
        foreach (var text in Texts) Assert.Equal(classifier.Predict(text).Scores.Values, again.Predict(text).Scores.Values);
    }
}
