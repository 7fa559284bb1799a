using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Tasks;
using SkTuning.Training.Runs;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Trains a new adapter and writes its run folder.</summary>
internal static class AdapterTraining
{
    /// <summary>Trains an adapter.</summary>
    /// <param name="adapter">The adapter.</param>
    /// <param name="rows">The training rows, and the dev rows that choose the epoch.</param>
    /// <param name="objective">The task.</param>
    /// <param name="minimized">What the steps minimize.</param>
    /// <param name="options">The options of the training loop.</param>
    /// <param name="decide">Completes the task's settings from the trained adapter, such as thresholds; null if there is nothing to decide.</param>
    /// <param name="shared">The results that are shared with other trainings on the base; null if there are none.</param>
    /// <param name="startHash">The hash of the adapter that training continues from; null if it starts from scratch.</param>
    /// <param name="progress">Receives progress after every step.</param>
    /// <param name="cancellationToken">Cancels after the current step; the report says so.</param>
    /// <returns>The definition of the trained adapter, and the report.</returns>
    public static (AdapterDefinition Definition, TrainingReport Report) Run(AdapterModel adapter, TrainingRows rows, Objective objective,
        ObjectiveOptions minimized, TrainingOptions options, Func<TaskSettings>? decide, SharedWork? shared, string? startHash,
        IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        var definition = adapter.Definition;
        options = options with { LearningRate = options.LearningRate ?? definition.Tuning.DefaultLearningRate };
        var metric = objective.FindMetric(options.Metric).Name;
        if (options.ClassWeights is not null || options.BalanceClasses)
            objective = objective.Weighted(ClassWeighting.Of(options, adapter.Labels, rows.Train.SelectMany(r => r.Classes))!);
        var (device, labelTexts) = (adapter.Model.Device, LabelTexts(adapter));
        adapter.Tuned.FeatureLoss = ObjectivePlan.Create(adapter, minimized, labelTexts);
        using var folder = options.RunFolder is null ? null
            : RunFolder.Open(options, RunJson.Config(definition, adapter.Model, rows, metric, options, startHash, minimized), device);
        var trainer = new Trainer(adapter.Tuned, objective, options, device, folder, shared)
        {
            Continues = startHash is not null,
            LabelTexts = labelTexts,
        };
        var report = trainer.Run(rows, progress, cancellationToken);
        definition = definition with { Metric = metric, DevScore = double.IsNaN(report.DevScore) ? null : report.DevScore };
        if (decide is not null) definition = definition with { Task = decide() };
        if (folder is not null)
        {
            Write(folder, adapter, definition, report, rows, objective);
            report = report with { RunFolderError = folder.Error };
        }
        return (definition, report);
    }

    /// <summary>Returns the texts that the head reads for each label; none if it reads none.</summary>
    private static IReadOnlyList<IReadOnlyList<EncodedRow>> LabelTexts(AdapterModel adapter)
        => !adapter.Definition.Head.ReadsDescriptions ? []
            : [.. adapter.Definition.LabelDescriptions!.Select(texts => texts.SelectMany(t => adapter.Encoder.Encode(t).Sequences).ToArray())];

    /// <summary>Writes the files that a run folder contains after the run has ended or was stopped.</summary>
    private static void Write(RunFolder folder, AdapterModel adapter, AdapterDefinition definition, TrainingReport report, TrainingRows rows,
        Objective objective)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var scores = adapter.FiniteScores(rows.Dev, "dev rows");
        folder.Try(() => folder.Write(RunFiles.Predictions, file => DevPredictions.Write(file, objective, adapter.Labels, rows.Dev, scores)));
        folder.Try(() => AdapterFolder.Save(Path.Combine(folder.Path, RunFiles.Adapter), definition, adapter.Tuned.Parameters));
        folder.Try(() => folder.WriteJson(RunJson.Report(report), RunFiles.Report));
    }
}
