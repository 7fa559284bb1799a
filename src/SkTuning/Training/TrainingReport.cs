using SkTuning.Models;
using SkTuning.Tasks;
using SkTuning.Training;

namespace SkTuning;

/// <summary>How a training run went.</summary>
public sealed record TrainingReport
{
    /// <summary>Each epoch that was run to its end; epoch 0 is the head alone.</summary>
    public required IReadOnlyList<EpochResult> Epochs { get; init; }

    /// <summary>The epoch whose parameters were kept; null: none was finished, the parameters are the last ones.</summary>
    public required EpochResult? Best { get; init; }

    /// <summary>Steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>Seconds of training, evaluation included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Rows trained on.</summary>
    public required int TrainRows { get; init; }

    /// <summary>Rows of the dev split.</summary>
    public required int DevRows { get; init; }

    /// <summary>Which rows were held out for dev, counted from 0; empty when dev rows were given.</summary>
    public required IReadOnlyList<int> HeldOut { get; init; }

    /// <summary>Training rows whose text was too long and lost a part.</summary>
    public required int TruncatedRows { get; init; }

    /// <summary>True when training was cancelled before its end.</summary>
    public required bool WasCanceled { get; init; }

    /// <summary>Why training was stopped as diverged; null when it was not.</summary>
    public TrainingDivergence? Divergence { get; init; }

    /// <summary>The most rows that went through the model at once; less than the batch where memory did not allow more, or fewer were asked for.</summary>
    public int RowsAtOnce { get; init; }

    /// <summary>True when activations were computed again in backward to save memory.</summary>
    public bool RecomputesActivations { get; init; }

    /// <summary>Bytes that the largest step kept for its backward, as reckoned before.</summary>
    public long ActivationMemory { get; init; }

    /// <summary>The metric that chose the best epoch: <c>accuracy</c>…</summary>
    public required string Metric { get; init; }

    /// <summary>The metric on the dev split of the epoch kept; NaN when none was finished.</summary>
    public double DevScore => Best?.DevScore ?? double.NaN;

    /// <summary>The epochs as a picture of text: losses, and bars of the metric on dev.</summary>
    public string LearningCurve => Training.LearningCurve.Of(Epochs, Metric);
}
