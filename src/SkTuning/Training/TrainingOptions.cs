using System.Text.Json.Serialization;

namespace SkTuning;

/// <summary>
/// The options of the training loop. The defaults suit ten to ten thousand rows: where an option is <see langword="null"/>, it follows from the number of rows
/// (docs/training.md).
/// </summary>
public sealed record TrainingOptions
{
    private const double MinWeight = 0.000001, MaxWeight = 1_000_000;

    /// <summary>
    /// The maximum number of passes over the training rows, from 1 to 100000. The default is <see langword="null"/>: as many as 16 to 20 steps take, at least
    /// 3 (pairs: 24 to 64 steps, at least 6); 10 with a head other than <see cref="SemanticHeadOptions"/>.
    /// </summary>
    public int? Epochs { get; init; }

    /// <summary>
    /// The maximum number of steps, 1 or more; the epoch that reaches it ends with that step. The default is <see langword="null"/>: no limit.
    /// </summary>
    public int? MaxSteps { get; init; }

    /// <summary>
    /// The maximum number of rows per step, from 1 to 65536. The default is <see langword="null"/>: 32, and 16 with a head other than
    /// <see cref="SemanticHeadOptions"/>.
    /// </summary>
    public int? BatchSize { get; init; }

    /// <summary>
    /// The highest learning rate, which is reached at the end of the warm-up: more than 0, at most 10. The default is <see langword="null"/>: the method's own
    /// <see cref="TuningOptions.DefaultLearningRate"/>.
    /// </summary>
    public double? LearningRate { get; init; }

    /// <summary>The learning rate, where the method has not been asked for its own.</summary>
    internal double Rate => LearningRate ?? TuningOptions.UsualRate;

    /// <summary>The head's highest learning rate: more than 0, at most 10. The default is <see langword="null"/>: the same as the adapter's.</summary>
    public double? HeadLearningRate { get; init; }

    /// <summary>
    /// Whether to train the head alone first, on the states of the unchanged model, which takes one pass over the rows. The adapter then starts with a head
    /// that already predicts something. The default is <see langword="true"/>.
    /// </summary>
    public bool HeadFirst { get; init; } = true;

    /// <summary>The optimizer. The default is <see cref="OptimizerKind.AdamW"/>.</summary>
    public OptimizerKind Optimizer { get; init; } = OptimizerKind.AdamW;

    /// <summary>The momentum of <see cref="OptimizerKind.Sgd"/>, from 0 (inclusive) to 1 (exclusive). The default is 0.9.</summary>
    public double Momentum { get; init; } = 0.9;

    /// <summary>The decoupled weight decay, from 0 (inclusive) to 1 (exclusive). The default is 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>
    /// The fraction of all steps during which the learning rate rises, from 0 to 1; <see cref="Schedule"/> determines how it continues. The default is 0.1.
    /// </summary>
    public double WarmUp { get; init; } = 0.1;

    /// <summary>The course of the learning rate after the warm-up. The default is <see cref="ScheduleKind.Linear"/>.</summary>
    public ScheduleKind Schedule { get; init; } = ScheduleKind.Linear;

    /// <summary>The fraction of each target that is spread over all labels, from 0 (inclusive) to 1 (exclusive). The default is 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// The weights of labels in the loss, by label, each from 0.000001 to 1000000; other labels have the weight 1. Needs a task in which each answer is one
    /// label. The default is <see langword="null"/>: all weights are equal.
    /// </summary>
    public IReadOnlyDictionary<string, double>? ClassWeights { get; init; }

    /// <summary>
    /// Whether to weight each label by rows / (labels · rows with that label), so that rare labels count as much as frequent ones. Cannot be combined with
    /// <see cref="ClassWeights"/>. The default is <see langword="false"/>.
    /// </summary>
    public bool BalanceClasses { get; init; }

    /// <summary>
    /// The metric that chooses the best epoch on the dev rows. A task with one label per text has <c>accuracy</c>, <c>macro-f1</c>, <c>weighted-f1</c>,
    /// <c>mcc</c>, <c>kappa</c> and <c>loss</c>. The default is <see langword="null"/>: the accuracy, or the usual metric of another task.
    /// </summary>
    public string? Metric { get; init; }

    /// <summary>The maximum norm of the gradient, more than 0 and finite; a longer gradient is scaled down to it. The default is 1.</summary>
    [JsonPropertyName("clipNorm")]
    public double MaxGradientNorm { get; init; } = 1;

    /// <summary>
    /// Training stops as diverged when the mean loss of the last 25 steps exceeds this many times the larger of two losses: the mean of the first 25 steps, and
    /// the loss of scores that are all zero, such as the logarithm of the number of labels (docs/training.md). More than 1, or 0 to stop only if a loss or a
    /// gradient is NaN or infinite. The default is 4.
    /// </summary>
    [JsonPropertyName("divergence")]
    public double DivergenceFactor { get; init; } = 4;

    /// <summary>
    /// Training stops after this many epochs without a better result on the dev rows, where they choose the epoch; 0 to never stop early. The default is 3.
    /// </summary>
    public int Patience { get; init; } = 3;

    /// <summary>
    /// Whether to keep the last step, whatever the dev rows say: they only measure the result. The default is <see langword="false"/>: where there are enough
    /// of them, they choose the epoch.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool KeepLast { get; init; }

    /// <summary>
    /// The fraction of the training rows that is held out if no dev rows are given, from 0 (inclusive) to 1 (exclusive): stratified by label for a single-label
    /// task, at random for the other tasks. With 0, all rows are trained on and the last step is kept. The default is <see langword="null"/>: 0 below 2,000
    /// rows and 0.1 from there on; always 0.1 with a head other than <see cref="SemanticHeadOptions"/> and for an adapter that training continues from.
    /// </summary>
    public double? DevFraction { get; init; }

    /// <summary>
    /// The number of parts of a cross-validation, from 2 to 20, which estimates the score where there are no dev rows, and whether the adapter is better than
    /// the head alone; with 0, nothing is estimated. Each part costs a training on the other parts. The default is <see langword="null"/>: 3. Has no effect
    /// where there are dev rows, or with a head other than <see cref="SemanticHeadOptions"/>.
    /// </summary>
    public int? Folds { get; init; }

    /// <summary>The seed of the initial values, of the dev split, of the order of the rows and of dropout. The default is 1.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// The maximum number of rows that go through the model at the same time, 1 or more. The gradients of a step are summed over its parts, which does not
    /// change its result. The default is <see langword="null"/>: the whole batch, or as much of it as memory allows.
    /// </summary>
    public int? MicroBatchSize { get; init; }

    /// <summary>
    /// Whether to keep only the input of each layer and to recompute the rest in the backward pass, which needs less memory and about a third more time. The
    /// default is <see langword="null"/>: only if a single row does not fit otherwise.
    /// </summary>
    public bool? RecomputeActivations { get; init; }

    /// <summary>
    /// The memory in bytes that training may plan with, more than 0; a part of it is kept in reserve. On a CPU it determines how many rows go through the model
    /// at the same time. The default is <see langword="null"/>: what the machine and the container have left.
    /// </summary>
    public long? AvailableMemory { get; init; }

    /// <summary>
    /// The memory in bytes for cached states, 0 or more. If the lowest trained layer is not the first, the states below it are computed once for each distinct
    /// text: in memory up to this limit, beyond it in a mapped temporary file. With 0 they are recomputed in every step. The default is 1 GiB.
    /// </summary>
    public long StateCacheMemory { get; init; } = 1L << 30;

    /// <summary>
    /// The folder that records the run and from which the run can be resumed: settings, metrics, checkpoints, predictions on the dev rows and the adapter. See
    /// docs/training.md for its files. A decision that is made later, such as a calibration, is not recorded. The default is <see langword="null"/>: none.
    /// </summary>
    public string? RunFolder { get; init; }

    /// <summary>
    /// Whether to resume the run in <see cref="RunFolder"/>, with the same result as without the interruption; if the folder contains no run, a new one is
    /// started. The default is <see langword="false"/>: a folder that contains a run is refused.
    /// </summary>
    public bool Resume { get; init; }

    /// <summary>
    /// The number of steps between checkpoints, 1 or more. The default is <see langword="null"/>: checkpoints are written only after each epoch and every
    /// <see cref="CheckpointMinutes"/>.
    /// </summary>
    public int? CheckpointSteps { get; init; }

    /// <summary>The time in minutes after which the next checkpoint is due, more than 0. The default is 5.</summary>
    public double CheckpointMinutes { get; init; } = 5;

    internal void Validate()
    {
        Check(nameof(Optimizer), Optimizer, Enum.IsDefined(Optimizer), string.Join(", ", Enum.GetNames<OptimizerKind>()));
        Check(nameof(Schedule), Schedule, Enum.IsDefined(Schedule), string.Join(", ", Enum.GetNames<ScheduleKind>()));
        Check(nameof(Momentum), Momentum, Momentum is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(MicroBatchSize), MicroBatchSize, MicroBatchSize is null or >= 1, "1 or more");
        Check(nameof(StateCacheMemory), StateCacheMemory, StateCacheMemory >= 0, "0 or more");
        Check(nameof(AvailableMemory), AvailableMemory, AvailableMemory is null or > 0, "above 0");
        Check(nameof(DivergenceFactor), DivergenceFactor, DivergenceFactor is 0 or > 1 and < double.PositiveInfinity, "above 1 and finite, or 0 for never");
        Check(nameof(RunFolder), RunFolder, RunFolder is null || RunFolder.Length > 0, "the path of a folder");
        Check(nameof(Resume), Resume, !Resume || RunFolder is not null, "false if no RunFolder is given");
        Check(nameof(CheckpointSteps), CheckpointSteps, CheckpointSteps is null or >= 1, "1 or more");
        Check(nameof(CheckpointMinutes), CheckpointMinutes, CheckpointMinutes is > 0 and < double.PositiveInfinity, "above 0 and finite");
        Check(nameof(BalanceClasses), BalanceClasses, !BalanceClasses || ClassWeights is null, "false if ClassWeights are given");
        foreach (var (label, weight) in ClassWeights ?? new Dictionary<string, double>())
            Check($"{nameof(ClassWeights)}['{label}']", weight, weight is >= MinWeight and <= MaxWeight, "0.000001 to 1000000");
        Check(nameof(Epochs), Epochs, Epochs is null or (>= 1 and <= 100_000), "1 to 100000");
        Check(nameof(MaxSteps), MaxSteps, MaxSteps is null or >= 1, "1 or more");
        Check(nameof(BatchSize), BatchSize, BatchSize is null or (>= 1 and <= 65_536), "1 to 65536");
        Check(nameof(LearningRate), LearningRate, LearningRate is null or > 0 and <= 10, "above 0, at most 10");
        Check(nameof(HeadLearningRate), HeadLearningRate, HeadLearningRate is null or > 0 and <= 10, "above 0, at most 10");
        Check(nameof(WeightDecay), WeightDecay, WeightDecay is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(WarmUp), WarmUp, WarmUp is >= 0 and <= 1, "0 to 1");
        Check(nameof(LabelSmoothing), LabelSmoothing, LabelSmoothing is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(MaxGradientNorm), MaxGradientNorm, MaxGradientNorm is > 0 and < double.PositiveInfinity, "above 0 and finite");
        Check(nameof(Patience), Patience, Patience >= 0, "0 or more");
        Check(nameof(DevFraction), DevFraction, DevFraction is null or (>= 0 and < 1), "0 or more, below 1");
        Check(nameof(Folds), Folds, Folds is null or 0 or (>= 2 and <= 20), "2 to 20, or 0 for none");
    }

    private static void Check<T>(string name, T value, bool isValid, string expected)
        => OptionCheck.That(nameof(TrainingOptions), name, value, isValid, expected);
}
