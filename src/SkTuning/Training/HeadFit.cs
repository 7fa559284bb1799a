using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Trains the head alone on features that are computed once, before anything else is trained: seconds, since the model reads every row once. It is all of a linear
/// probe; for the other methods it is the start, so that the first gradients reach the adapter through a head that means something (arXiv 2202.10054: a random
/// head distorts what the model knows).
/// </summary>
internal sealed class HeadFit(TunedModel model, Objective objective, Metric metric, TrainingOptions options, Device device, LowerLayerCache? lowerLayers = null, SharedWork? shared = null)
{
    private const double LearningRate = 1e-2;
    private const int BatchSize = 16, MostEpochs = 40, MostSteps = 4000;

    /// <summary>The head as it is counts as a candidate.</summary>
    public bool StartCounts { get; init; }

    /// <summary>Leaves the head as it was behind its best epoch on dev, and tells how good that was.</summary>
    public EpochResult Run(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, CancellationToken cancel)
    {
        var result = !SharesFeatures ? Fit(train, dev, cancel)
            : shared!.Head($"{objective.Task}:{metric.Name}:{options.WeightDecay}:{options.Seed}:{StartCounts}:{train.Count}", model, train.Concat(dev), () => Fit(train, dev, cancel), cancel);
        return result ?? new(0, double.NaN, double.NaN, double.NaN, false);
    }

    private bool SharesFeatures => shared is not null && model.FeatureKey is not null && !model.Head.TrainsFeatures;

    private EpochResult? Fit(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var (features, targets) = Features(train, cancel);
        var (devFeatures, devTargets) = Features(dev, cancel);
        var starts = Starts(train);
        var answers = targets.shape[0];
        var perEpoch = (int)((answers + BatchSize - 1) / BatchSize);
        var epochs = Math.Clamp(MostSteps / perEpoch, 1, MostEpochs);
        var schedule = new LearningRateSchedule(LearningRate, perEpoch, epochs * perEpoch);
        using var optimizer = new AdamW(model.Parameters, options.WeightDecay);
        EpochResult? best = null;
        Tensor? kept = null;
        var step = 0;
        if (StartCounts || model.Head.StartMeansSomething) Keep(double.NaN);
        for (var epoch = 1; epoch <= epochs && !cancel.IsCancellationRequested; epoch++)
        {
            double sum = 0;
            foreach (var chosen in LengthBuckets.Shuffled(new int[answers], BatchSize, options.Seed, -epoch)) sum += Step(chosen) * chosen.Length;
            Keep(sum / answers);
        }
        if (kept is not null) model.Parameters.Restore(kept);
        kept?.Dispose();
        return best;

        void Keep(double trainLoss)
        {
            var (loss, score) = Score();
            var epoch = new EpochResult(0, trainLoss, loss, score, true);
            if (best is not null && !epoch.IsBetterThan(best, metric)) return;
            best = epoch;
            kept?.Dispose();
            kept = model.Parameters.Snapshot();
        }

        double Step(int[] rows)
        {
            using var inner = NewDisposeScope();
            var chosen = tensor(rows.Select(r => (long)r).ToArray(), device: device);
            model.Parameters.Gradients.zero_();
            var outputs = starts is null ? model.Readout(features.index_select(0, chosen)) : OfWindows(rows);
            var loss = objective.PlainLoss(outputs, targets.index_select(0, chosen));
            loss.backward();
            BackwardFailure.Throw();
            optimizer.Step(adapterRate: 0, headRate: schedule.At(step++));
            return loss.item<float>();
        }

        Tensor OfWindows(int[] rows)
        {
            long[] places = [.. rows.SelectMany(r => Enumerable.Range(0, train[r].Sequences.Count).Select(w => starts[r] + w))];
            return WindowMeans.OfRows(model.Readout(features.index_select(0, tensor(places, device: device))), [.. rows.Select(r => train[r])]);
        }

        (double Loss, double Score) Score()
        {
            using var off = no_grad();
            using var inner = NewDisposeScope();
            var outputs = WindowMeans.OfRows(model.Readout(devFeatures), dev);
            var loss = objective.PlainLoss(outputs, devTargets).item<float>();
            return (loss, metric == Metric.Loss ? loss : objective.Score(metric.Name, outputs.cpu(), dev));
        }
    }

    /// <summary>Where each row's windows start among the features; null where every row is one sequence.</summary>
    private static long[]? Starts(IReadOnlyList<EncodedRow> rows)
    {
        if (rows.All(r => r.Windows is null)) return null;
        var starts = new long[rows.Count];
        for (var r = 1; r < rows.Count; r++) starts[r] = starts[r - 1] + rows[r - 1].Sequences.Count;
        return starts;
    }

    /// <summary>Features [M,..], of each window its own, and targets, in the rows' order.</summary>
    private (Tensor Features, Tensor Targets) Features(IReadOnlyList<EncodedRow> rows, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        EncodedRow[] sequences = [.. rows.SelectMany(r => r.Sequences)];
        var features = SharesFeatures ? shared!.Features(model.FeatureKey!, model, sequences, Make) : Make().MoveToOuterDisposeScope();
        return (features, objective.Targets(rows, device).MoveToOuterDisposeScope());

        Tensor Make() => BatchedPass.Collect(sequences, device, model.BakedFeatures, device, cancel, lowerLayers is null ? null : lowerLayers.Batch);
    }
}
