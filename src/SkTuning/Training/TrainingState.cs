using System.Text.Json.Serialization;

namespace SkTuning.Training;

/// <summary>Where a run stands, but for its tensors: what a checkpoint holds beside parameters and moments.</summary>
internal sealed class TrainingState
{
    /// <summary>Losses that tell how a run began, and how it goes.</summary>
    public const int Window = 25;

    /// <summary>Steps taken.</summary>
    public int Step { get; set; }

    /// <summary>The epoch that runs, from 1.</summary>
    public int Epoch { get; set; } = 1;

    /// <summary>Batches of it that are done.</summary>
    public int Batch { get; set; }

    /// <summary>Sum of their losses.</summary>
    public double LossSum { get; set; }

    public List<EpochResult> Epochs { get; set; } = [];

    /// <summary>The best of all, whose parameters are kept.</summary>
    public EpochResult? Best { get; set; }

    /// <summary>The best since the adapter is trained: the head alone is no yardstick for patience.</summary>
    public EpochResult? Tuned { get; set; }

    /// <summary>Text tokens of the steps.</summary>
    public long Tokens { get; set; }

    /// <summary>Seconds of earlier processes.</summary>
    public double Seconds { get; set; }

    /// <summary>The first losses.</summary>
    public List<double> FirstLosses { get; set; } = [];

    /// <summary>The last losses, oldest first.</summary>
    public List<double> LastLosses { get; set; } = [];

    /// <summary>The loss of scores that are all zero, on dev.</summary>
    public double ZeroLoss { get; set; } = double.NaN;

    /// <summary>Rows at once; null: all of a batch.</summary>
    public int? MicroRows { get; set; }

    /// <summary>Bytes of a step's activations that rows at once must stay under; null: no limit.</summary>
    public long? ActivationLimit { get; set; }

    /// <summary>Activations are computed again in backward.</summary>
    public bool Recompute { get; set; }

    /// <summary>Nothing is left to do.</summary>
    public bool Finished { get; set; }

    /// <summary>Length of the metrics file at that moment.</summary>
    public long MetricsLength { get; set; }

    /// <summary>Notes a loss.</summary>
    public void Note(double loss)
    {
        LossSum += loss;
        if (FirstLosses.Count < Window) FirstLosses.Add(loss);
        LastLosses.Add(loss);
        if (LastLosses.Count > Window) LastLosses.RemoveAt(0);
    }

    /// <summary>The mean of the last losses is far above where the run began, and above what knowing nothing costs.</summary>
    public bool IsDiverging(double factor)
    {
        if (factor == 0 || LastLosses.Count < Window) return false;
        var known = FirstLosses.Average();
        return LastLosses.Average() > factor * (double.IsNaN(ZeroLoss) ? known : Math.Max(known, ZeroLoss));
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true)]
[JsonSerializable(typeof(TrainingState))]
[JsonSerializable(typeof(TrainingOptions))]
internal sealed partial class TrainingJson : JsonSerializerContext;
