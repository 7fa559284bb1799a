using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Data;
using SkTuning.Models;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Trains the head alone on features that are computed once, before anything else is trained. This takes seconds, since the model reads every row once. It is
/// the whole training of a linear probe. For other methods it is the start, so that the first gradients reach the adapter through a head that already predicts
/// something (arXiv 2202.10054: a random head distorts the features of the model).
/// </summary>
internal sealed class HeadFit(TunedModel model, Objective objective, Metric metric, TrainingOptions options, Device device, LowerLayerCache? lowerLayers = null,
    SharedWork? shared = null)
{
    private const double LearningRate = 1e-2;
    private const int BatchSize = 16, MaxEpochs = 40, MaxSteps = 4000;

    /// <summary>The number of passes beyond which a head that reads each row for each label, and has few parameters, is trained on a sample of rows.</summary>
    private const int MaxPasses = 1 << 18, MinRows = 64;

    /// <summary>The present head is a candidate for the best.</summary>
    public bool StartCounts { get; init; }

    /// <summary>Trains the head and leaves it with the values of its best epoch on the dev rows.</summary>
    /// <param name="train">The training rows.</param>
    /// <param name="dev">The dev rows.</param>
    /// <param name="isSample">True if the result was measured on a sample of the dev rows.</param>
    /// <param name="cancellationToken">Cancels the training.</param>
    /// <returns>The result of that epoch.</returns>
    public EpochResult Run(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, out bool isSample, CancellationToken cancellationToken)
    {
        (train, var measured) = (Sample(train), Sample(dev));
        (isSample, dev) = (measured.Count < dev.Count, measured);
        var settings = FormattableString.Invariant($"{objective.Task}:{metric.Name}:{options.WeightDecay}:{options.Seed}:{StartCounts}:{train.Count}");
        var result = SharesFeatures
            ? shared!.Head(settings, model, train.Concat(dev), () => Fit(train, dev, cancellationToken), cancellationToken)
            : Fit(train, dev, cancellationToken);
        return result ?? new(0, double.NaN, double.NaN, double.NaN, false);
    }

    /// <summary>Returns the rows, or as many of them as there is time for.</summary>
    private IReadOnlyList<EncodedRow> Sample(IReadOnlyList<EncodedRow> rows)
    {
        var most = Math.Max(MinRows, MaxPasses / model.Head.FeaturesPerAnswer);
        if (model.Head.FeaturesPerAnswer == 1 || rows.Count <= most) return rows;
        var order = Enumerable.Range(0, rows.Count).ToArray();
        new Shuffler(options.Seed).Shuffle<int>(order);
        return [.. order.Take(most).Order().Select(r => rows[r])];
    }

    private bool SharesFeatures => shared is not null && model.FeatureKey is not null && !model.Head.TrainsFeatures;

    private EpochResult? Fit(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        var (features, targets) = Features(train, "training rows", cancellationToken);
        var measured = dev.Count > 0 ? Features(dev, "dev rows", cancellationToken) : ((Tensor Features, Tensor Targets)?)null;
        var starts = Starts(train);
        var answers = targets.shape[0];
        var batches = (int)((answers + BatchSize - 1) / BatchSize);
        var epochs = Math.Clamp(MaxSteps / batches, 1, MaxEpochs);
        var schedule = new LearningRateSchedule(LearningRate, batches, epochs * batches);
        using var optimizer = new AdamW(model.Parameters, options.WeightDecay);
        EpochResult? best = null;
        Tensor? bestValues = null;
        var step = 0;
        if (StartCounts || model.Head.StartMeansSomething) Keep(double.NaN);
        for (var epoch = 1; epoch <= epochs && !cancellationToken.IsCancellationRequested; epoch++)
        {
            double sum = 0;
            foreach (var chosen in LengthBuckets.Shuffled(new int[answers], BatchSize, options.Seed, -epoch)) sum += Step(chosen) * chosen.Length;
            Keep(sum / answers);
        }
        if (best is null && !cancellationToken.IsCancellationRequested)
        {
            throw new SkTuningException("The loss of the head is not finite in any epoch: the model's states are finite, but too large to train a head on. "
                + "The model may have damaged weights.");
        }
        if (bestValues is not null) model.Parameters.Restore(bestValues);
        bestValues?.Dispose();
        return best;

        void Keep(double trainLoss)
        {
            // Without dev rows, the last epoch is kept.
            var (loss, score) = measured is { } rows ? Score(rows.Features, rows.Targets) : (double.NaN, double.NaN);
            if (measured is null ? double.IsInfinity(trainLoss) || (double.IsNaN(trainLoss) && best is not null) : !double.IsFinite(loss)) return;
            var epoch = new EpochResult(0, trainLoss, loss, score, true);
            if (best is not null && measured is not null && !epoch.IsBetterThan(best, metric)) return;
            best = epoch;
            bestValues?.Dispose();
            bestValues = model.Parameters.Snapshot();
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
            long[] windows = [.. rows.SelectMany(r => Enumerable.Range(0, train[r].Sequences.Count).Select(w => starts[r] + w))];
            return WindowMeans.OfRows(model.Readout(features.index_select(0, tensor(windows, device: device))), [.. rows.Select(r => train[r])]);
        }

        (double Loss, double Score) Score(Tensor devFeatures, Tensor devTargets)
        {
            using var off = no_grad();
            using var inner = NewDisposeScope();
            var outputs = WindowMeans.OfRows(model.Readout(devFeatures), dev);
            var loss = objective.PlainLoss(outputs, devTargets).item<float>();
            return (loss, !float.IsFinite(loss) ? double.NaN : metric == Metric.Loss ? loss : objective.Score(metric.Name, outputs.cpu(), dev));
        }
    }

    /// <summary>Returns the index of each row's first window among the features; null if every row is one sequence.</summary>
    private static long[]? Starts(IReadOnlyList<EncodedRow> rows)
    {
        if (rows.All(r => r.Windows is null)) return null;
        var starts = new long[rows.Count];
        for (var r = 1; r < rows.Count; r++) starts[r] = starts[r - 1] + rows[r - 1].Sequences.Count;
        return starts;
    }

    /// <summary>Returns the features, [M,..] with one entry for each window, and the targets, in the order of the rows.</summary>
    private (Tensor Features, Tensor Targets) Features(IReadOnlyList<EncodedRow> rows, string what, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        EncodedRow[] sequences = [.. rows.SelectMany(r => r.Sequences)];
        var features = SharesFeatures ? shared!.Features(model.FeatureKey!, model, sequences, Make) : Make().MoveToOuterDisposeScope();
        if (!Finite.All(features))
        {
            var bad = Finite.CountBad(features.cpu(), sequences);
            var refused = sequences.Length == rows.Count ? what : $"windows of the {what}";
            throw Finite.Refused(bad, sequences.Length, refused, model.Transformer.ComputesInHalf);
        }
        return (features, objective.Targets(rows, device).MoveToOuterDisposeScope());

        Tensor Make() => BatchedPass.Collect(
            sequences, device, model.BakedFeatures, device, lowerLayers is null ? null : lowerLayers.Batch, model.PassMemory, cancellationToken);
    }
}
