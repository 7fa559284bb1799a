namespace SkTuning.Training;

/// <summary>The state of a run except its tensors: what a checkpoint stores in addition to the parameters and the optimizer's moments.</summary>
internal sealed class TrainingState
{
    /// <summary>The number of losses that are compared: the first ones and the last ones.</summary>
    public const int Window = 25;

    /// <summary>The number of steps taken.</summary>
    public int Step { get; set; }

    /// <summary>The current epoch, counted from 1.</summary>
    public int Epoch { get; set; } = 1;

    /// <summary>The number of batches of the epoch that are done.</summary>
    public int Batch { get; set; }

    /// <summary>The sum of the losses of these batches.</summary>
    public double LossSum { get; set; }

    public List<EpochResult> Epochs { get; set; } = [];

    /// <summary>The best epoch, whose parameters are kept.</summary>
    public EpochResult? Best { get; set; }

    /// <summary>The best epoch in which the adapter was trained: patience is not measured against the head alone.</summary>
    public EpochResult? Tuned { get; set; }

    /// <summary>The number of text tokens of all steps.</summary>
    public long Tokens { get; set; }

    /// <summary>The seconds that earlier processes spent.</summary>
    public double Seconds { get; set; }

    /// <summary>The first losses.</summary>
    public List<double> FirstLosses { get; set; } = [];

    /// <summary>The last losses, oldest first.</summary>
    public List<double> LastLosses { get; set; } = [];

    /// <summary>The losses of knowing nothing on the rows of the last losses, oldest first; fewer in a checkpoint of an earlier version.</summary>
    public List<double> LastZeroLosses { get; set; } = [];

    /// <summary>The loss of knowing nothing on all training rows (<see cref="Tasks.Objective.ZeroLoss"/>), which follows from the rows.</summary>
    public double ZeroLoss { get; set; } = double.NaN;

    /// <summary>The maximum number of rows that go through the model at the same time; null for the whole batch.</summary>
    public int? MicroRows { get; set; }

    /// <summary>The maximum size of a step's activations in bytes; null if there is no limit.</summary>
    public long? ActivationLimit { get; set; }

    /// <summary>Activations are recomputed in the backward pass.</summary>
    public bool Recompute { get; set; }

    /// <summary>The run is complete.</summary>
    public bool Finished { get; set; }

    /// <summary>The length of the metrics file when the checkpoint was written.</summary>
    public long MetricsLength { get; set; }

    /// <summary>True if the adapter has not become better in a number of epochs; never if that is 0.</summary>
    public bool IsPatienceOver(int patience) => patience > 0 && Epoch > 1 && Epoch - 1 - (Tuned?.Epoch ?? 0) >= patience;

    /// <summary>Adds the loss of a step.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="zeroLoss">The loss of knowing nothing on the same rows.</param>
    public void Note(double loss, double zeroLoss)
    {
        LossSum += loss;
        if (FirstLosses.Count < Window) FirstLosses.Add(loss);
        LastLosses.Add(loss);
        if (LastLosses.Count > Window) LastLosses.RemoveAt(0);
        LastZeroLosses.Add(zeroLoss);
        if (LastZeroLosses.Count > Window) LastZeroLosses.RemoveAt(0);
    }

    /// <summary>
    /// True if the mean of the last losses is far above the mean of the first ones and above the loss of knowing nothing, both on all rows and on those of the
    /// last losses: with numbers, a few steps with outliers cost more than the others, whatever is predicted.
    /// </summary>
    public bool IsDiverging(double factor)
    {
        if (factor == 0 || LastLosses.Count < Window) return false;
        var zero = Math.Max(ZeroLoss, LastZeroLosses.DefaultIfEmpty(0).Average());
        return LastLosses.Average() > factor * Math.Max(FirstLosses.Average(), zero);
    }
}
