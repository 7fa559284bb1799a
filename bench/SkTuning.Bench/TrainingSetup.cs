namespace SkTuning.Bench;

/// <summary>The setup shared by the training benchmarks: model, rows (sst2 by default), threads and method from the command line.</summary>
internal sealed class TrainingSetup
{
    public TrainingSetup(string[] arguments)
    {
        Shared = ChildRun.Option(arguments, "--shared") ?? Path.Combine("..", "shared");
        ModelPath = ChildRun.Option(arguments, "--model") ?? Path.Combine(Shared, "models", "minilm");
        Rows = int.Parse(ChildRun.Option(arguments, "--rows") ?? "4000");
        Epochs = int.Parse(ChildRun.Option(arguments, "--epochs") ?? "3");
        Threads = int.Parse(ChildRun.Option(arguments, "--threads") ?? "1");
        Precision = Enum.Parse<Precision>(ChildRun.Option(arguments, "--precision") ?? nameof(Precision.Float32), ignoreCase: true);
        RuntimeSettings.Start(Threads, fast: true);
    }

    public string Shared { get; }
    public string ModelPath { get; }
    public int Rows { get; }
    public int Epochs { get; }
    public int Threads { get; }
    public Precision Precision { get; }

    public FrozenModel Load() => FrozenModel.Load(ModelPath, new() { Device = "cpu", Precision = Precision });

    public IReadOnlyList<Row> Read(string split, int most) => RowFile.Load(Path.Combine(Shared, "data", "sst2", split + ".tsv"), new() { Limit = most });

    /// <summary>The method with injection from a given layer upward, by default the middle one.</summary>
    public TuningOptions Method(FrozenModel model, int? firstLayer = null) => new SkPrefixOptions { FirstLayer = firstLayer ?? model.Config.Layers / 2 };

    public TextClassifierOptions Options(TuningOptions method, TrainingOptions training)
        => new() { Prompt = "Is the movie review positive or negative? The review:", Method = method, Dev = Read("dev", 400), Training = training };

    public override string ToString() => $"{ModelPath}, {Precision}, {Threads} thread(s), sst2 with {Rows} rows";
}
