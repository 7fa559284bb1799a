namespace SkTuning.Tests.Reports;

/// <summary>A run of each task on the embedded model, with rows and labels that contain markup.</summary>
public sealed class SmallRuns : IDisposable
{
    public const string Hostile = "<script>alert('x')</script> & \"quoted\" ]]> <!-- </td></table>";
    public const string HostileLabel = "<img src=x onerror=alert(1)>";

    private readonly TemporaryFolder _folder = new();

    public SmallRuns()
    {
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        var labels = (string[])[HostileLabel, "delivery", "payment"];
        var words = (string[])["crash", "parcel", "money"];
        Row[] single = [.. Enumerable.Range(0, 30).Select(i => new Row($"{words[i % 3]} number {i}", labels[i % 3]))];
        // Half of the dev rows have wrong labels on purpose, so that there are errors to show.
        SingleDev = [.. Enumerable.Range(0, 12).Select(i => new Row($"{words[i % 3]} {Hostile}", labels[i < 6 ? i % 3 : (i + 1) % 3]))];
        using (var trained = TextClassifier.Train(model, single,
            Filled(new TextClassifierOptions { Prompt = Hostile, Dev = SingleDev }, "single", new SkPrefixOptions { Bottleneck = 2 }, epochs: 2)))
            Accuracy = trained.Evaluate(SingleDev).Accuracy;

        Row[] several =
        [
            .. Enumerable.Range(0, 24)
                .Select(i => new Row($"{words[i % 3]} and {words[i / 3 % 3]} {Hostile}", (IEnumerable<string>)[labels[i % 3], labels[(i / 3 + i / 20) % 3]])),
        ];
        using (MultiLabelClassifier.Train(model, several, Filled(new MultiLabelClassifierOptions { Prompt = "Topics?", Dev = several }, "several"))) { }

        string[] grades = ["bad", "fair", "good"], names = ["Anna", "Boris", "<b>Clara</b>"];
        Row[] scored = [.. Enumerable.Range(0, 24).Select(i => new Row($"{Hostile} a {grades[i % 3]} film {i}", $"{i % 3}.5"))];
        using (TextRegressor.Train(model, scored, Filled(new TextRegressorOptions { Prompt = "How good?", Dev = scored }, "scored"))) { }

        Row[] leveled = [.. Enumerable.Range(0, 24).Select(i => new Row($"{Hostile} a {grades[i % 3]} film {i}", i % 3 == 2 ? HostileLabel : grades[i % 3]))];
        using (OrdinalClassifier.Train(model, leveled, Filled(new OrdinalClassifierOptions { Dev = leveled }, "levels"))) { }

        TokenRow[] sentences =
        [
            .. Enumerable.Range(0, 24)
                .Select(i => new TokenRow([names[i % 3], "lives", "in", i % 2 == 0 ? "Rome" : "Paris"], ["B-PER", "O", "O", i % 5 == 0 ? "O" : "B-LOC"])),
        ];
        using (TokenClassifier.Train(model, sentences, Filled(new TokenClassifierOptions { Prompt = "Find names:", Dev = sentences }, "tokens"))) { }
    }

    public IReadOnlyList<Row> SingleDev { get; }

    /// <summary>The accuracy of the single-label run on the dev rows.</summary>
    public double Accuracy { get; }

    public string this[string run] => _folder[run];

    /// <summary>Copies a run so that the copy can be damaged.</summary>
    internal void Copy(string run, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.GetFiles(this[run])) File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private T Filled<T>(T options, string run, TuningOptions? method = null, int epochs = 1) where T : AdapterOptions
        => (T)((AdapterOptions)options with
        {
            Method = method ?? new ProbeOptions(),
            Training = new TrainingOptions { Epochs = epochs, BatchSize = 8, RunFolder = _folder[run] },
        });

    public void Dispose() => _folder.Dispose();
}
