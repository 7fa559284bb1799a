using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Scores each training row with an adapter that was trained without it. Only then is the comparison with the head alone fair: an adapter separates the rows it
/// was trained on better than any others.
/// </summary>
internal static class CrossValidation
{
    /// <summary>Trains an adapter for each part, on the other parts.</summary>
    /// <param name="adapter">The adapter whose training is repeated.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="folds">The indices of the rows of each part.</param>
    /// <param name="objective">The task.</param>
    /// <param name="options">The options of the training loop.</param>
    /// <param name="shared">What is shared with other trainings; null if nothing is.</param>
    /// <param name="progress">Receives progress after every step.</param>
    /// <param name="cancellationToken">Ends the trainings with an exception.</param>
    /// <param name="trained">Receives the adapter of each part, and the rows of the part.</param>
    /// <returns>The scores, [N,C] on the CPU, in the caller's scope.</returns>
    public static Tensor OutOfFold(AdapterModel adapter, IReadOnlyList<EncodedRow> rows, IReadOnlyList<int[]> folds, Objective objective,
        TrainingOptions options, SharedWork? shared, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken,
        Action<AdapterModel, int[]>? trained = null)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var scores = zeros(rows.Count, adapter.Labels.Count);
        foreach (var (k, fold) in folds.Index())
        {
            var held = fold.ToHashSet();
            EncodedRow[] rest = [.. rows.Where((_, i) => !held.Contains(i))];
            using var part = new AdapterModel(adapter.Model, adapter.Definition, shared?.Inputs);
            part.Tuned.FeatureLoss = adapter.Tuned.FeatureLoss?.For(part.Tuned.Head);
            part.Tuned.DistillationTexts = adapter.Tuned.DistillationTexts;
            part.Tuned.Method.OwnDemonstration = OwnDemonstrations.Of(part);
            Train(part, rest, objective, options, shared, Numbered(progress, k + 1, folds.Count), cancellationToken);
            var readout = part.FiniteScores([.. fold.Select(i => rows[i])], "training rows", cancellationToken);
            scores.index_copy_(0, tensor(fold.Select(i => (long)i).ToArray()), readout);
            trained?.Invoke(part, fold);
        }
        return scores.MoveToOuterDisposeScope();
    }

    private static void Train(AdapterModel part, EncodedRow[] rows, Objective objective, TrainingOptions options, SharedWork? shared,
        IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        using var on = enable_grad();
        var plan = TrainingPlan.Of(options, isExact: true, rows.Length, 0, StepRule.Of(part.Definition, part.Model.Config));
        var trainer = new Trainer(part.Tuned, objective, options, plan, part.Model.Device, null, shared)
        {
            LabelTexts = AdapterTraining.LabelTexts(part),
        };
        trainer.Run(new(rows, [], []), progress, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private static Numbering? Numbered(IProgress<TrainingProgress>? progress, int part, int parts)
        => progress is null ? null : new(p => progress.Report(p with { Fold = part, Folds = parts, CompletedEpoch = null }));

    private sealed class Numbering(Action<TrainingProgress> report) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => report(value);
    }
}
