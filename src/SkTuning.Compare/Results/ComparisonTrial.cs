namespace SkTuning.Compare;

/// <summary>One training of a method on a data set with one seed and one learning rate, evaluated on the dev rows.</summary>
public sealed record ComparisonTrial
{
    /// <summary>Gets the name of the data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>Gets the name of the method.</summary>
    public required string Method { get; init; }

    /// <summary>Gets the seed.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Gets the learning rate; null for a method that has none.</summary>
    public double? Rate { get; init; }

    /// <summary>Gets the key that identifies the trial in the results folder: a hash of everything that affects its outcome.</summary>
    public required string Key { get; init; }

    /// <summary>
    /// Gets the reason that the trial failed: the training diverged, or the base does not support the method. Null if it succeeded; otherwise, the figures
    /// below are meaningless.
    /// </summary>
    public string? Error { get; init; }

    /// <summary>Gets the data set's metric on the dev rows after the best epoch; null if the trial failed or there are no dev rows.</summary>
    public double? DevScore { get; init; }

    /// <summary>
    /// Gets the mean of -ln p(true label) on the dev rows, which breaks ties between equal scores. Null if the trial failed, the method has no probabilities,
    /// or there are no dev rows.
    /// </summary>
    public double? DevLoss { get; init; }

    /// <summary>Gets the learning curve. Epoch 0 is the head without the adapter. Empty for methods that are not trained in epochs.</summary>
    public IReadOnlyList<ComparisonEpoch> Epochs { get; init; } = [];

    /// <summary>Gets the epoch whose parameters were kept; null for methods that are not trained in epochs.</summary>
    public int? BestEpoch { get; init; }

    /// <summary>Gets the number of trained parameters, including the head.</summary>
    public long Parameters { get; init; }

    /// <summary>Gets the size of the adapter on disk, in bytes; 0 for baselines, which are not saved.</summary>
    public long AdapterBytes { get; init; }

    /// <summary>Gets the number of optimizer steps.</summary>
    public int Steps { get; init; }

    /// <summary>Gets the training time in seconds, including the evaluation on the dev rows.</summary>
    public double Seconds { get; init; }

    /// <summary>Gets the number of training rows.</summary>
    public int TrainRows { get; init; }

    /// <summary>Gets the number of dev rows.</summary>
    public int DevRows { get; init; }

    /// <summary>Gets the number of training rows whose text was truncated.</summary>
    public int TruncatedRows { get; init; }

    /// <summary>Gets the mean time of an optimizer step (forward and backward, without evaluation) in seconds; null for methods without steps.</summary>
    public double? SecondsPerStep { get; init; }
}

/// <summary>One epoch of a trial.</summary>
/// <param name="Epoch">The number of the epoch, from 1; 0 is the head without the adapter.</param>
/// <param name="TrainLoss">The mean loss of the epoch's steps.</param>
/// <param name="DevLoss">The mean loss on the dev rows after the epoch; NaN without dev rows.</param>
/// <param name="DevAccuracy">The accuracy on the dev rows after the epoch; NaN without dev rows.</param>
public sealed record ComparisonEpoch(int Epoch, double TrainLoss, double DevLoss, double DevAccuracy);
