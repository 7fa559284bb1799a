using SkTuning.Metrics;
using SkTuning.Training;

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
    /// Gets a value that indicates whether the adapter was kept. It is not kept if it is significantly worse than the head alone (p below 0.05), nor if a
    /// cross-validation shows no significant difference, but a loss that is higher by more than its standard error, each at its best temperature.
    /// </summary>
    public required bool KeepsAdapter { get; init; }

    /// <summary>Gets the metric of what was kept.</summary>
    public double Score => KeepsAdapter && AdapterScore is { } adapter ? adapter : HeadScore;

    /// <summary>
    /// Gets what to try next, in one sentence; <see langword="null"/> if the adapter certainly helped, or if only a head was trained.
    /// </summary>
    public string? Advice { get; init; }

    /// <summary>Gets the verdict in one sentence. Scores whose maximum is 1 are in points: 78.5 is 0.785.</summary>
    public string Summary
    {
        get
        {
            var rows = Folds > 0
                ? FormattableString.Invariant($"cross-validation of {Rows} rows in {Folds} parts")
                : FormattableString.Invariant($"{Rows} dev rows");
            if (Difference is not { } difference || AdapterScore is not { } adapter) return $"The head alone has the {Metric} {Shown(HeadScore)} ({rows}).";
            var scores = $"{Metric} {Shown(adapter)}, {Shown(HeadScore)} with the head alone{Kept} "
                + $"({ScoreText.Interval(difference, LowerIsBetter)}; {rows})";
            return (IsCertain, IsGain) switch
            {
                (true, true) when KeepsAdapter => $"The adapter helped by {ScoreText.Size(difference.Value, LowerIsBetter)}: {scores}.",
                (true, false) => $"The adapter made it worse by {ScoreText.Size(difference.Value, LowerIsBetter)}: {scores}.",
                (false, _) when difference.Value == 0 => $"The adapter made no difference: {scores}.",
                (false, false) when !KeepsAdapter => $"The adapter did not help: {scores}.",
                _ => $"It is not certain that the adapter helps: {scores}.",
            };
        }
    }

    /// <summary>True if a lower value of the metric is better.</summary>
    internal bool LowerIsBetter { get; init; }

    /// <summary>True if the adapter is better by more than the choice of rows explains.</summary>
    internal bool HasHelped => Difference is not null && KeepsAdapter && IsCertain && IsGain;

    private bool IsCertain => Difference!.Low > 0 || Difference.High < 0;

    private bool IsGain => LowerIsBetter ? Difference!.Value < 0 : Difference!.Value > 0;

    /// <summary>What was kept, where the scores alone do not say it.</summary>
    private string Kept => (KeepsAdapter, IsGain) switch
    {
        (false, true) => ", which was kept since its loss is clearly lower",
        (false, false) => ", which was kept",
        (true, false) when Folds > 0 => ": the adapter was kept since its loss is not clearly higher",
        _ => "",
    };

    private string Shown(double score) => ScoreText.Of(score, LowerIsBetter);
}
