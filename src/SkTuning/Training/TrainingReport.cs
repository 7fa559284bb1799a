namespace SkTuning;

/// <summary>The report of a training run.</summary>
public sealed record TrainingReport
{
    /// <summary>Gets the results of the completed epochs; epoch 0 is the head alone.</summary>
    public required IReadOnlyList<EpochResult> Epochs { get; init; }

    /// <summary>Gets the epoch whose parameters were kept; <see langword="null"/> if no epoch was completed and the parameters are the last ones.</summary>
    public required EpochResult? Best { get; init; }

    /// <summary>Gets the number of steps taken.</summary>
    public required int Steps { get; init; }

    /// <summary>Gets the duration of training in seconds, evaluation included.</summary>
    public required double Seconds { get; init; }

    /// <summary>Gets the number of training rows.</summary>
    public required int TrainRows { get; init; }

    /// <summary>Gets the number of dev rows; 0 if there are none.</summary>
    public required int DevRows { get; init; }

    /// <summary>Gets the zero-based indices of the rows that were held out for dev; empty if none were.</summary>
    public required IReadOnlyList<int> HeldOut { get; init; }

    /// <summary>Gets the number of training rows whose text was truncated.</summary>
    public required int TruncatedRows { get; init; }

    /// <summary>Gets a value that indicates whether training was canceled before its end.</summary>
    public required bool WasCanceled { get; init; }

    /// <summary>Gets the step at which training was stopped as diverged; <see langword="null"/> if it did not diverge.</summary>
    public TrainingDivergence? Divergence { get; init; }

    /// <summary>
    /// Gets the number of rows that went through the model at the same time: the batch size, or less if memory did not allow more or
    /// <see cref="TrainingOptions.MicroBatchSize"/> was smaller.
    /// </summary>
    public int RowsAtOnce { get; init; }

    /// <summary>Gets a value that indicates whether activations were recomputed in the backward pass to save memory.</summary>
    public bool RecomputesActivations { get; init; }

    /// <summary>Gets the estimated memory in bytes that the largest step kept for its backward pass.</summary>
    public long ActivationMemory { get; init; }

    /// <summary>
    /// Gets warnings about the rows, one sentence each: labels that differ only in case, surrounding white space, or Unicode form, labels with one row, dev
    /// rows that also occur among the training rows, and dev rows that are few. Empty if there are none.
    /// </summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>
    /// Gets the comparison of the adapter with the head alone; <see langword="null"/> if there was none: without dev rows and cross-validation, with a head
    /// other than <see cref="SemanticHeadOptions"/>, or if training ended early.
    /// </summary>
    public TrainingVerdict? Verdict { get; init; }

    /// <summary>
    /// Gets a value that indicates whether the adapter is better than the head alone by more than the choice of rows explains; <see langword="null"/> if
    /// they were not compared. <see cref="Verdict"/> has the scores, and what to try if it is <see langword="false"/>.
    /// </summary>
    public bool? AdapterHelped => Verdict is { AdapterScore: not null } verdict ? verdict.HasHelped : null;

    /// <summary>
    /// Gets the method that <see cref="AutoOptions"/> chose and why, in one line such as <c>lora: 40 rows per label on a causal model; …</c>;
    /// <see langword="null"/> if the method was given, or is that of an adapter that training continued from.
    /// </summary>
    public string? MethodReason { get; init; }

    /// <summary>
    /// Gets whether the texts of the labels help; <see langword="null"/> without a cross-validation, or where the head reads no texts.
    /// </summary>
    public DescriptionCheck? Descriptions { get; init; }

    /// <summary>
    /// Gets what the rejection rule is expected to do, measured on rows that were not trained on; <see langword="null"/> if there is none
    /// (<see cref="TextClassifierOptions.Rejection"/>).
    /// </summary>
    public RejectionReport? Rejection { get; init; }

    /// <summary>
    /// Gets what the distillation of the prompt achieved; <see langword="null"/> if there was none, or if it was completed before training was resumed.
    /// </summary>
    public DistillationReport? Distillation { get; init; }

    /// <summary>Gets the reason why files of the run folder are missing or old; <see langword="null"/> if it is complete.</summary>
    public string? RunFolderError { get; init; }

    /// <summary>Gets the name of the metric that chose the best epoch, such as <c>accuracy</c>.</summary>
    public required string Metric { get; init; }

    /// <summary>
    /// Gets the metric on the dev rows of what was kept, or that of the cross-validation where there are no dev rows; NaN if nothing was measured.
    /// </summary>
    public double DevScore => Verdict?.Score ?? Best?.DevScore ?? double.NaN;

    /// <summary>Gets the epochs as a text table with the losses, and with bars for the metric on the dev rows.</summary>
    public string LearningCurve => Training.LearningCurve.Of(Epochs, Metric);

    /// <summary>Returns the report in one line: rows, steps, duration, the metric, and the verdict.</summary>
    public override string ToString()
    {
        var score = double.IsNaN(DevScore) ? "" : FormattableString.Invariant($"; {Metric} {DevScore:F4}");
        var canceled = WasCanceled ? ", canceled" : "";
        return FormattableString.Invariant($"{TrainRows} training rows, {DevRows} dev rows, {Steps} steps, {Seconds:F1} s{canceled}{score}")
            + (Verdict is { } verdict ? $". {verdict.Summary}" : "");
    }
}
