using SkTuning.Metrics;

namespace SkTuning;

/// <summary>
/// Whether the adapter is better than the head alone on the same rows: dev rows, or the training rows in a cross-validation, each scored by a training without
/// it.
/// </summary>
public sealed record TrainingVerdict
{
    /// <summary>Gets the number of rows that were scored.</summary>
    public required int Rows { get; init; }

    /// <summary>Gets the number of parts of the cross-validation; 0 if dev rows were scored.</summary>
    public required int Folds { get; init; }

    /// <summary>Gets the name of the metric, such as <c>accuracy</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>Gets the metric of the head alone.</summary>
    public required double HeadScore { get; init; }

    /// <summary>Gets the metric of the adapter; <see langword="null"/> if only a head was trained.</summary>
    public double? AdapterScore { get; init; }

    /// <summary>
    /// Gets the score of the adapter minus that of the head alone, with the 95 % interval of the choice of rows (paired bootstrap); <see langword="null"/> if
    /// only a head was trained. It does not include the chance of start values and of the order of rows.
    /// </summary>
    public ConfidenceInterval? Difference { get; init; }

    /// <summary>
    /// Gets the two-sided p-value of the difference: by McNemar's exact test for the accuracy, otherwise by the paired bootstrap. It is <see langword="null"/>
    /// if only a head was trained.
    /// </summary>
    public double? PValue { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the adapter was kept. It is not kept if it is significantly worse than the head alone on dev rows, or worse at all
    /// in a cross-validation.
    /// </summary>
    public required bool KeepsAdapter { get; init; }

    /// <summary>Gets the metric of what was kept.</summary>
    public double Score => KeepsAdapter && AdapterScore is { } adapter ? adapter : HeadScore;

    /// <summary>Gets the verdict in one sentence.</summary>
    public string Summary
    {
        get
        {
            var rows = Folds > 0 ? $"cross-validation of {Rows} rows in {Folds} parts" : $"{Rows} dev rows";
            if (Difference is not { } difference || AdapterScore is not { } adapter) return $"{Metric} {Number(HeadScore)} ({rows}).";
            var interval = $"95 % interval {Signed(difference.Low)} to {Signed(difference.High)}, {rows}";
            var scores = $"{Metric} {Number(HeadScore)} with the head alone, {Number(adapter)} with the adapter ({Signed(difference.Value)}; {interval})";
            return difference.Low > 0 || difference.High < 0
                ? $"The adapter {(IsGain ? "helped" : "made it worse")}: {scores}."
                : $"It is not certain that the adapter {(IsGain ? "helped" : "made it worse")}: {scores}.";
        }
    }

    /// <summary>True if a lower value of the metric is better.</summary>
    internal bool LowerIsBetter { get; init; }

    private bool IsGain => LowerIsBetter ? Difference!.Value < 0 : Difference!.Value > 0;

    private static string Number(double value) => FormattableString.Invariant($"{value:F4}");

    private static string Signed(double value) => FormattableString.Invariant($"{value:+0.0000;-0.0000;0.0000}");
}
