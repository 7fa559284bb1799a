namespace SkTuning.Tests.Training;

/// <summary>The embedded model and a few customer messages, for tests of the training loop.</summary>
public sealed class SmallTask : IDisposable
{
    public FrozenModel Model { get; } = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });

    public IReadOnlyList<Row> Rows { get; } = Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv")), 3, 1);

    public IReadOnlyList<Row> Dev { get; } = Splits.KShot(RowFile.Load(Path.Combine(Fixtures.Repository, "assets", "data", "support", "dev.tsv")), 2, 1);

    // No dropout: it draws from the generator of the process, in which other tests run at the same time.
    public TextClassifierOptions Options(TrainingOptions? training = null, TuningOptions? method = null) => new()
    {
        Prompt = "Classify the topic:",
        Method = method ?? new SkPrefixOptions { Bottleneck = 4 },
        Dev = Dev,
        // The head of the loop that dev rows always end: SemanticTrainingTests and FewRowsTests have the other one.
        Head = new LinearHeadOptions(),
        Training = training ?? new() { Epochs = 2, BatchSize = 8 },
    };

    public TextClassifier Train(
        TrainingOptions training, Action<TrainingProgress>? progress = null, TuningOptions? method = null, CancellationToken cancel = default)
        => TextClassifier.Train(Model, Rows, Options(training, method), progress is null ? null : new Now(progress), cancel);

    public static float[] Values(TunedAdapter adapter) => [.. adapter.Adapter.Tuned.Parameters.Values.cpu().data<float>()];

    public void Dispose() => Model.Dispose();

    public sealed class Now(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
