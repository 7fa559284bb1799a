namespace SkTuning.Training;

/// <summary>How an adapter and its head are trained. The defaults are good for a few hundred to a few thousand rows.</summary>
public sealed record TrainingOptions
{
    /// <summary>The most passes over the rows, 1 or more. Default: 10.</summary>
    public int Epochs { get; init; } = 10;

    /// <summary>Rows a step, 1 or more. Default: 16.</summary>
    public int BatchSize { get; init; } = 16;

    /// <summary>The highest learning rate, reached behind the warm-up. Default: 3e-3; a prefix needs 1e-3 to 1e-2.</summary>
    public double LearningRate { get; init; } = 3e-3;

    /// <summary>The head's learning rate; null: that of the adapter.</summary>
    public double? HeadLearningRate { get; init; }

    /// <summary>
    /// First train the head alone on the states as they are, which takes one pass over the rows; the adapter then starts behind a head that means something. Default: true.
    /// </summary>
    public bool HeadFirst { get; init; } = true;

    /// <summary>Decoupled weight decay. Default: 0.01.</summary>
    public double WeightDecay { get; init; } = 0.01;

    /// <summary>The part of all steps over which the learning rate rises, 0 to 1. Default: 0.1; the rest falls in a straight line to zero.</summary>
    public double WarmUp { get; init; } = 0.1;

    /// <summary>The part of each label's target that is shared among all labels, 0 or more, below 1. Default: 0.</summary>
    public double LabelSmoothing { get; init; }

    /// <summary>
    /// What chooses the best epoch on dev; null: accuracy, or what is usual for another task. For one label a row also <c>macro-f1</c>, <c>weighted-f1</c>, <c>mcc</c>, <c>kappa</c>, <c>loss</c>.
    /// Default: null.
    /// </summary>
    public string? Metric { get; init; }

    /// <summary>Gradients longer than this are scaled down to it. Default: 1.</summary>
    public double ClipNorm { get; init; } = 1;

    /// <summary>Stop when the dev split was not better for so many epochs; 0: never. Default: 3.</summary>
    public int Patience { get; init; } = 3;

    /// <summary>The part of the rows held out, by label, when no dev rows are given. Default: 0.1.</summary>
    public double DevFraction { get; init; } = 0.1;

    /// <summary>Decides the start values, the split and the order of the rows. Default: 1.</summary>
    public ulong Seed { get; init; } = 1;

    internal void Validate()
    {
        Check(nameof(Epochs), Epochs, Epochs is >= 1 and <= 100_000, "1 to 100000");
        Check(nameof(BatchSize), BatchSize, BatchSize is >= 1 and <= 65_536, "1 to 65536");
        Check(nameof(LearningRate), LearningRate, LearningRate is > 0 and <= 10, "above 0, at most 10");
        Check(nameof(HeadLearningRate), HeadLearningRate, HeadLearningRate is null or > 0 and <= 10, "above 0, at most 10");
        Check(nameof(WeightDecay), WeightDecay, WeightDecay is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(WarmUp), WarmUp, WarmUp is >= 0 and <= 1, "0 to 1");
        Check(nameof(LabelSmoothing), LabelSmoothing, LabelSmoothing is >= 0 and < 1, "0 or more, below 1");
        Check(nameof(ClipNorm), ClipNorm, ClipNorm > 0, "above 0");
        Check(nameof(Patience), Patience, Patience >= 0, "0 or more");
        Check(nameof(DevFraction), DevFraction, DevFraction is > 0 and < 1, "above 0, below 1");
    }

    private static void Check<T>(string name, T value, bool good, string expected)
    {
        if (!good) throw new SkTuningException(FormattableString.Invariant($"TrainingOptions.{name} is {value}, expected {expected}."));
    }
}
