using SkTuning.Metrics;
using SkTuning.Tasks;
using SkTuning.Training.Runs;
using SkTuning.Training;

namespace SkTuning;

/// <summary>How an adapter and its head are trained. The defaults are good for a few hundred to a few thousand rows.</summary>
public sealed record TrainingOptions
{
    /// <summary>The most passes over the rows, 1 or more. Default: 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>The most steps, 1 or more: the last epoch ends with it; null: as many as the epochs have. Default: null.</summary>
    public int? MaxSteps { get; init; }

    /// <summary>Rows a step, 1 or more. Default: 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The highest learning rate, reached behind the warm-up. Null: the method's own, <see cref="TuningOptions.DefaultLearningRate"/>. Default: null.</summary>
    public double? LearningRate { get; init; }

    /// <summary>The rate, where the method's was not asked.</summary>
    internal double Rate => LearningRate ?? TuningOptions.UsualRate;

    /// <summary>The head's learning rate; null: that of the adapter.</summary>
    public double? HeadLearningRate { get; init; }

    /// <summary>
    /// First train the head alone on the states as they are, which takes one pass over the rows; the adapter then starts behind a head that means something. Default: true.
    /// </summary>
    public bool HeadFirst { get; init; } = true;

    /// <summary>Default: <see cref="OptimizerKind.AdamW"/>.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>What <see cref="OptimizerKind.Sgd"/> keeps of the update before, 0 or more, below 1. Default: 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>Decoupled weight decay. Default: 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The part of all steps over which the learning rate rises, 0 to 1. Default: 0.1; <see cref="Schedule"/> says what follows.</summary>
    public double WarmUp { get; init; } = 0.1;

    /// <summary>The learning rate behind the warm-up. Default: <see cref="ScheduleKind.Linear"/>.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Linear;

    /// <summary>The part of each label's target that is shared among all labels, 0 or more, below 1. Default: 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>What a label counts in the loss, by its name; labels that are not named count 1. Null: all the same. Default: null. For tasks whose answers are single labels.</summary>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>Weigh each label by rows / (labels · rows of that label), so that rare ones count as much as frequent ones. Default: false.</summary>
    public bool BalanceClasses { get; init; }

    /// <summary>
    /// What chooses the best epoch on dev; null: accuracy, or what is usual for another task. For one label a row also <c>macro-f1</c>, <c>weighted-f1</c>, <c>mcc</c>, <c>kappa</c>, <c>loss</c>.
    /// Default: null.
    /// </summary>
    public string? Metric { get; init; }

    /// <summary>Gradients longer than this are scaled down to it. Default: 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>
    /// Stop as diverged when the mean loss of the last 25 steps is so many times the larger of two: that of the first 25, and that of scores that are all zero. 0: only a loss or a
    /// gradient that is no number stops. Default: 4.
    /// </summary>
    public double Divergence { get; init; } = 4;

    /// <summary>Stop when the dev split was not better for so many epochs; 0: never. Default: 3.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>The part of the rows held out, by label, when no dev rows are given. Default: 0.1.</summary>
    public double DevFraction { get; init; } = 0.1;

    /// <summary>Decides the start values, the split and the order of the rows. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The most rows that go through the model at once; a step's gradients are added up over as many such parts as it takes, and its result is the same. Null: the whole
    /// batch, or as much of it as memory allows. Default: null.
    /// </summary>
    public int? MicroBatchSize { get; init; }

    /// <summary>
    /// Keep of each layer its input alone and compute the rest again in backward: less memory, about a third more time. Null: only where one row would not fit otherwise. Default: null.
    /// </summary>
    public bool? RecomputeActivations { get; init; }

    /// <summary>Bytes that training may take, of which it plans with a part; null: what machine and container have left. Default: null. On a CPU it decides how many rows go through the model at once.</summary>
    public long? AvailableMemory { get; init; }

    /// <summary>
    /// Where the lowest trained layer is not the first, the states below it are computed once for each row and kept: in memory up to so many bytes, in a mapped temporary file above.
    /// 0: they are computed again in every step. Default: 1 GiB.
    /// </summary>
    public long StateCacheMemory { get; init; } = 1L << 30;

    /// <summary>
    /// A folder that tells of the run while it goes on and from which it can go on after an end: settings, metrics, checkpoints, predictions on dev, the adapter. Null: none.
    /// Default: null. See docs/training.md for what stands in it.
    /// </summary>
    public string? RunFolder { get; init; }

    /// <summary>Go on with the run in <see cref="RunFolder"/>, as if it had never stopped; a folder without one starts it. Default: false: a folder with a run is refused.</summary>
    public bool Resume { get; init; }

    /// <summary>Write a checkpoint every so many steps, 1 or more; null: by time and behind each epoch alone. Default: null.</summary>
    public int? CheckpointSteps { get; init; }

    /// <summary>Write a checkpoint when the last one is so many minutes old. Default: 5.</summary>
    public double CheckpointMinutes { get; init; } = 5;

    internal void Validate()
    {
        Check(nameof(Optimizer), Optimizer, Enum.IsDefined(Optimizer), string.Join(", ", Enum.GetNames<OptimizerKind>()));
        Check(nameof(Schedule), Schedule, Enum.IsDefined(Schedule), string.Join(", ", Enum.GetNames<ScheduleKind>()));
        Check(nameof(Momentum), Momentum, Momentum is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(MicroBatchSize), MicroBatchSize, MicroBatchSize is null or >= 1, "1 or more");
        Check(nameof(StateCacheMemory), StateCacheMemory, StateCacheMemory >= 0, "0 or more");
        Check(nameof(AvailableMemory), AvailableMemory, AvailableMemory is null or > 0, "above 0");
        Check(nameof(Divergence), Divergence, Divergence is 0 or > 1, "above 1, or 0 for never");
        Check(nameof(RunFolder), RunFolder, RunFolder is null || RunFolder.Length > 0, "a folder's name");
        Check(nameof(Resume), Resume, !Resume || RunFolder is not null, "false where no RunFolder is given");
        Check(nameof(CheckpointSteps), CheckpointSteps, CheckpointSteps is null or >= 1, "1 or more");
        Check(nameof(CheckpointMinutes), CheckpointMinutes, CheckpointMinutes > 0, "above 0");
        Check(nameof(BalanceClasses), BalanceClasses, !BalanceClasses || ClassWeights is null, "false beside ClassWeights");
        foreach (var (label, weight) in ClassWeights ?? new Dictionary<string, double>()) Check($"{nameof(ClassWeights)}['{label}']", weight, weight > 0 && double.IsFinite(weight), "above 0");
        Check(nameof(Epochs), Epochs, Epochs is >= 1 and <= 100_000, "1 to 100000");
        Check(nameof(MaxSteps), MaxSteps, MaxSteps is null or >= 1, "1 or more");
        Check(nameof(BatchSize), BatchSize, BatchSize is >= 1 and <= 65_536, "1 to 65536");
        Check(nameof(LearningRate), LearningRate, LearningRate is null or > 0 and <= 10, "above 0, at most 10");
        Check(nameof(HeadLearningRate), HeadLearningRate, HeadLearningRate is null or > 0 and <= 10, "above 0, at most 10");
        Check(nameof(WeightDecay), WeightDecay, WeightDecay is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(WarmUp), WarmUp, WarmUp is >= 0 and <= 1, "0 to 1");
        Check(nameof(LabelSmoothing), LabelSmoothing, LabelSmoothing is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(ClipNorm), ClipNorm, ClipNorm > 0, "above 0");
        Check(nameof(Patience), Patience, Patience >= 0, "0 or more");
        Check(nameof(DevFraction), DevFraction, DevFraction is > 0 and < 1, "above 0, below 1");
    }

    private static void Check<T>(string name, T value, bool isValid, string expected) => OptionCheck.That(nameof(TrainingOptions), name, value, isValid, expected);
}
