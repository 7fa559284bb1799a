using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Tasks;
using SkTuning.Training.Runs;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Trains a new adapter, compares it with the head alone, and writes its run folder.</summary>
/// <param name="objective">The task.</param>
/// <param name="options">The options of the training loop.</param>
/// <param name="shared">The results that are shared with other trainings on the base; null if there are none.</param>
/// <param name="startHash">The hash of the adapter that training continues from; null if it starts from scratch.</param>
internal sealed class AdapterTraining(Objective objective, TrainingOptions options, SharedWork? shared, string? startHash)
{
    /// <summary>What the steps minimize.</summary>
    public required ObjectiveOptions Minimized { get; init; }

    /// <summary>Encodes the rows for an adapter.</summary>
    public required Func<AdapterModel, TrainingRows> Encode { get; init; }

    /// <summary>Completes the task's settings, such as thresholds, from scores of rows that were not trained on; null if there is nothing to decide.</summary>
    public required Func<Tensor, IReadOnlyList<EncodedRow>, TaskSettings>? Decide { get; init; }

    /// <summary>The caller asked for a decision: a training that has no scores to decide from fails.</summary>
    public bool MustDecide { get; init; }

    /// <summary>How the task rejects what belongs to none of its labels; null if it does not.</summary>
    public RejectionPlan? Rejection { get; init; }

    /// <summary>Whether the result is compared with the head alone, which may be kept in its place.</summary>
    public bool Compares { get; init; } = true;

    /// <summary>Why the method was chosen; null if it was given.</summary>
    public string? MethodReason { get; init; }

    /// <summary>Texts without labels that a distillation learns from beside the training rows.</summary>
    public IReadOnlyList<string> DistillationTexts { get; init; } = [];

    /// <summary>Trains an adapter.</summary>
    /// <param name="adapter">The adapter. It is disposed if the head alone is kept in its place.</param>
    /// <param name="progress">Receives progress after every step.</param>
    /// <param name="cancellationToken">Cancels after the current step; the report says so.</param>
    /// <returns>The adapter that is kept, its definition, and the report.</returns>
    public (AdapterModel Adapter, AdapterDefinition Definition, TrainingReport Report) Run(AdapterModel adapter, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        if (DistillationTexts.Count > 0)
        {
            if (adapter.Tuned.Method.Distillation is null || adapter.Definition.Pairs)
            {
                throw new SkTuningException($"{nameof(AdapterOptions)}.{nameof(DistillationTexts)} has texts, but {(adapter.Definition.Pairs
                    ? "the rows are pairs: expected single texts" : "nothing is distilled: set PrefixTuningOptions.Distillation, or omit the texts")}.");
            }
            adapter.Tuned.DistillationTexts = [.. DistillationTexts.Select(t => adapter.Encoder.Encode(t))];
        }
        var method = adapter.Tuned.Method;
        method.OwnDemonstration = OwnDemonstrations.Of(adapter);
        try { return Train(adapter, progress, cancellationToken); }
        finally { method.OwnDemonstration = null; }
    }

    private (AdapterModel Adapter, AdapterDefinition Definition, TrainingReport Report) Train(AdapterModel adapter, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        var (rows, own) = (Encode(adapter), options);
        own = own with { LearningRate = own.LearningRate ?? adapter.Definition.Tuning.DefaultLearningRate };
        var metric = objective.FindMetric(own.Metric);
        if (own.ClassWeights is not null || own.BalanceClasses)
            objective = objective.Weighted(ClassWeighting.Of(own, adapter.Labels, rows.Train.SelectMany(r => r.Classes))!);
        var labelTexts = LabelTexts(adapter);
        adapter.Tuned.FeatureLoss = ObjectivePlan.Create(adapter, Minimized, labelTexts);
        using var folder = own.RunFolder is null ? null
            : RunFolder.Open(own, RunJson.Config(adapter.Definition, adapter.Model, rows, metric.Name, own, startHash, Minimized), adapter.Model.Device);
        var isNew = startHash is null || !adapter.Tuned.HasAdapter;
        var isExact = isNew && adapter.Tuned.Head is FittedHead;
        var rejection = Rejection is null ? null : new RejectionTraining(Rejection, rows, objective);
        rejection?.Require(adapter, isExact, own.Folds);
        var plan = TrainingPlan.Of(own, isNew && adapter.Definition.Head.IsComputed, rows.Train.Count, rows.Dev.Count,
            StepRule.Of(adapter.Definition, adapter.Model.Config));
        var trainer = new Trainer(adapter.Tuned, objective, own, plan, adapter.Model.Device, folder, shared)
        {
            Continues = startHash is not null,
            LabelTexts = labelTexts,
        };
        var report = trainer.Run(rows, progress, cancellationToken) with { MethodReason = MethodReason };
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (measured, scores) = (rows.Dev, rows.Dev.Count == 0 ? null : adapter.FiniteScores(rows.Dev, "dev rows", CancellationToken.None));
        if (Compares && isExact && !own.KeepLast && report is { WasCanceled: false, Divergence: null }
            && (rows.Dev.Count > 0 ? adapter.Tuned.HasAdapter : own.Folds != 0))
        {
            try
            {
                using var alone = new HeadAlone(adapter.Model, adapter.Definition with { Tuning = new ProbeOptions() }, Encode, objective, shared);
                if (Compare(alone, adapter, rows, metric, own, rejection, ref scores, progress, cancellationToken) is var (verdict, descriptions))
                {
                    verdict = verdict with { Advice = Advice.Of(adapter.Definition, rows.Train, verdict, descriptions) };
                    report = report with { Verdict = verdict, Descriptions = descriptions };
                    if (rows.Dev.Count == 0) measured = rows.Train;
                    if (!verdict.KeepsAdapter && adapter.Tuned.HasAdapter)
                    {
                        adapter.Dispose();
                        adapter = alone.Keep();
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested) { report = report with { WasCanceled = true }; }
        }
        var definition = adapter.Definition with { Metric = metric.Name, DevScore = double.IsNaN(report.DevScore) ? null : report.DevScore };
        if (MustDecide && scores is null && report is { WasCanceled: false, Divergence: null })
            throw new SkTuningException("There are no scores of rows that were not trained on: expected training rows with different texts, or dev rows.");
        if (Decide is not null && scores is not null) definition = definition with { Task = Decide(scores, measured) };
        if (rejection is not null && report is { WasCanceled: false, Divergence: null })
        {
            try
            {
                var (settings, measuredRejection) = rejection.Fit(adapter, definition.Task, own.Seed, cancellationToken);
                (definition, report) = (definition with { Task = settings }, report with { Rejection = measuredRejection });
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested) { report = report with { WasCanceled = true }; }
        }
        if (folder is not null)
        {
            Write(folder, adapter, definition, report, measured, scores);
            report = report with { RunFolderError = folder.Error };
        }
        return (adapter, definition, report);
    }

    /// <summary>
    /// Compares the adapter with the head alone, and the head with and without the texts of the labels; null if there are no two different rows to divide into
    /// parts.
    /// </summary>
    /// <param name="alone">The head alone, which is fitted to all rows.</param>
    /// <param name="adapter">The adapter.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="metric">The metric.</param>
    /// <param name="own">The options of the training.</param>
    /// <param name="rejection">Keeps what a rejection rule is fitted to; null if there is none.</param>
    /// <param name="scores">The scores of the adapter on the dev rows; receives the scores of what is kept.</param>
    /// <param name="progress">Receives progress after every step.</param>
    /// <param name="cancellationToken">Ends the comparison with an exception.</param>
    private (TrainingVerdict Verdict, DescriptionCheck? Descriptions)? Compare(HeadAlone alone, AdapterModel adapter, TrainingRows rows, Metric metric,
        TrainingOptions own, RejectionTraining? rejection, ref Tensor? scores, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var (hasAdapter, verdicts) = (adapter.Tuned.HasAdapter, new Verdicts(objective, metric));
        Tensor head;
        TrainingVerdict verdict;
        DescriptionCheck? descriptions = null;
        if (rows.Dev.Count > 0)
        {
            alone.Fit(null, cancellationToken);
            head = alone.DevScores(cancellationToken);
            verdict = verdicts.Of(rows.Dev, 0, head, scores);
        }
        else
        {
            var folds = Folds.Of(rows.Train, own.Folds ?? Folds.Usual, own.Seed);
            if (folds.Count < 2) return null;
            head = alone.OutOfFold(folds, null, cancellationToken);
            rejection?.Keep(folds, head);
            descriptions = new DescriptionTrials(alone, verdicts, rows.Train, folds).Run(head, cancellationToken);
            alone.Fit(null, cancellationToken);
            scores = hasAdapter ? CrossValidation.OutOfFold(adapter, rows.Train, folds, objective, own, shared, progress, cancellationToken,
                rejection is null ? null : (part, fold) => rejection.Keep(part, fold, cancellationToken)) : null;
            verdict = verdicts.Of(rows.Train, folds.Count, head, scores);
        }
        if (!verdict.KeepsAdapter) scores = head;
        return (verdict, descriptions);
    }

    /// <summary>Returns the texts that the head reads for each label; none if it reads none.</summary>
    public static IReadOnlyList<IReadOnlyList<EncodedRow>> LabelTexts(AdapterModel adapter)
        => !adapter.Definition.Head.ReadsDescriptions ? []
            : [.. adapter.Definition.LabelDescriptions!.Select(texts => texts.SelectMany(t => adapter.Encoder.Encode(t).Sequences).ToArray())];

    /// <summary>Writes the files that a run folder contains after the run has ended or was stopped.</summary>
    private void Write(RunFolder folder, AdapterModel adapter, AdapterDefinition definition, TrainingReport report, IReadOnlyList<EncodedRow> measured,
        Tensor? scores)
    {
        if (scores is not null)
            folder.Try(() => folder.Write(RunFiles.Predictions, file => DevPredictions.Write(file, objective, adapter.Labels, measured, scores)));
        folder.Try(() => AdapterFolder.Save(Path.Combine(folder.Path, RunFiles.Adapter), definition, adapter.Tuned.Parameters));
        folder.Try(() => folder.WriteJson(RunJson.Report(report, Decide is null ? null : definition.Task), RunFiles.Report));
    }
}
