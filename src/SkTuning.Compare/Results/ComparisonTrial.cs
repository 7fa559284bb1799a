namespace SkTuning.Compare;

/// <summary>One method trained on one data set with one seed and one learning rate, measured on the dev rows.</summary>
public sealed record ComparisonTrial
{
    /// <summary>The data set's name.</summary>
    public required string DataSet { get; init; }

    /// <summary>The method's name.</summary>
    public required string Method { get; init; }

    /// <summary>The seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The learning rate; null for a method that has none.</summary>
    public double? Rate { get; init; }

    /// <summary>What the trial is known by in the results folder: a hash of everything that decides its outcome.</summary>
    public required string Key { get; init; }

    /// <summary>Why there is no result: the training diverged, or the base cannot do the method. Null when there is one; where it is set, no figure below means anything.</summary>
    public string? Error { get; init; }

    /// <summary>The data set's metric on the dev rows, behind the best epoch; null when the trial failed.</summary>
    public double? DevScore { get; init; }

    /// <summary>The mean of -ln p(true label) on the dev rows: decides between equal scores. Null when the trial failed, or for a method without probabilities.</summary>
    public double? DevLoss { get; init; }

    /// <summary>The learning curve; epoch 0 is the head alone. Empty for methods that are not trained in epochs.</summary>
    public IReadOnlyList<ComparisonEpoch> Epochs { get; init; } = [];

    /// <summary>The epoch that was kept; null for methods that are not trained in epochs.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Trained values, head included.</summary>
    public long Parameters { get; init; }

    /// <summary>Bytes of the adapter on disk; 0 for baselines, which are not saved.</summary>
    public long AdapterBytes { get; init; }

    /// <summary>Optimizer steps.</summary>
    public int Steps { get; init; }

    /// <summary>Seconds of training, evaluation on dev included.</summary>
    public double Seconds { get; init; }

    /// <summary>Rows trained on.</summary>
    public int TrainRows { get; init; }

    /// <summary>Rows of the dev split.</summary>
    public int DevRows { get; init; }

    /// <summary>Training rows whose text was too long and lost its end.</summary>
    public int TruncatedRows { get; init; }

    /// <summary>Seconds of one optimizer step, forward and backward, without evaluation; null for methods without steps.</summary>
    public double? SecondsPerStep { get; init; }
}

/// <summary>One epoch of a trial.</summary>
/// <param name="Epoch">From 1; 0: the head alone, before the adapter.</param>
/// <param name="TrainLoss">The mean loss of its steps.</param>
/// <param name="DevLoss">The mean loss on the dev rows behind it.</param>
/// <param name="DevAccuracy">The accuracy on the dev rows behind it.</param>
public sealed record ComparisonEpoch(int Epoch, double TrainLoss, double DevLoss, double DevAccuracy);
