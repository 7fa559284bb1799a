namespace SkTuning.Training;

/// <summary>
/// How long a training takes, and what ends it: the options of the caller, completed by a recipe. With a head that is fitted exactly, the number of steps is
/// the measure of training, since with few rows it is what regularizes the adapter, and dev rows choose the epoch only where there are enough of them to
/// choose by more than chance. With the other heads, dev rows always choose.
/// </summary>
/// <param name="BatchSize">The maximum number of rows of a step.</param>
/// <param name="Batches">The number of batches of an epoch.</param>
/// <param name="Epochs">The maximum number of epochs.</param>
/// <param name="Steps">The maximum number of steps.</param>
/// <param name="DevChooses">The dev rows choose the epoch.</param>
/// <param name="Balances">Each batch has about the same share of every class.</param>
internal sealed record TrainingPlan(int BatchSize, int Batches, int Epochs, int Steps, bool DevChooses, bool Balances)
{
    /// <summary>The number of dev rows from which they choose the epoch: the standard error of an accuracy of 80 % is then below 3 points.</summary>
    public const int RowsToChoose = 200;

    /// <summary>The number of training rows from which a part of them is held out where no dev rows are given.</summary>
    public const int RowsToHoldOut = 2000;

    /// <summary>The fraction of the training rows that is held out.</summary>
    public const double DevFraction = 0.1;

    private const int RowsToBalance = 1000;

    /// <summary>Completes the options.</summary>
    /// <param name="options">The options.</param>
    /// <param name="isExact">The head is fitted exactly.</param>
    /// <param name="rows">The number of training rows.</param>
    /// <param name="devRows">The number of dev rows.</param>
    /// <param name="rule">The number of steps.</param>
    public static TrainingPlan Of(TrainingOptions options, bool isExact, int rows, int devRows, StepRule rule)
    {
        var size = options.BatchSize ?? (isExact ? 32 : 16);
        var batches = (rows + size - 1) / size;
        var most = options.MaxSteps ?? int.MaxValue;
        var wanted = options.Epochs is { } given ? (long)given * batches
            : !isExact ? 10L * batches
            : rule.Steps(batches);
        var steps = (int)Math.Min(wanted, most);
        var epochs = (int)(((long)steps + batches - 1) / batches);
        var choose = !options.KeepLast && (isExact ? devRows >= RowsToChoose : devRows > 0);
        return new(size, batches, epochs, steps, choose, isExact && rows <= RowsToBalance);
    }
}
