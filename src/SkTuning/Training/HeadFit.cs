using SkTuning.Data;
using SkTuning.Heads;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Training;

/// <summary>
/// Trains the head alone on states that are computed once, before anything else is trained: seconds, since the model reads every row once. It is all of a linear
/// probe; for the other methods it is the start, so that the first gradients reach the adapter through a head that means something (arXiv 2202.10054: a random
/// head distorts what the model knows).
/// </summary>
internal sealed class HeadFit(TunedModel model, TrainingOptions options, Device device)
{
    private const double LearningRate = 1e-2;
    private const int BatchSize = 16, MostEpochs = 40, MostSteps = 4000;

    /// <summary>Leaves the head as it was behind its best epoch on dev, and tells how good that was.</summary>
    public EpochResult Run(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        var (states, truth) = Pooled(train, cancel);
        var (devStates, devTruth) = Pooled(dev, cancel);
        var perEpoch = (train.Count + BatchSize - 1) / BatchSize;
        var epochs = Math.Clamp(MostSteps / perEpoch, 1, MostEpochs);
        var schedule = new LearningRateSchedule(LearningRate, perEpoch, epochs * perEpoch);
        using var optimizer = new AdamW(model.Parameters, options.WeightDecay);
        EpochResult? best = null;
        Tensor? kept = null;
        var step = 0;
        for (var epoch = 1; epoch <= epochs && !cancel.IsCancellationRequested; epoch++)
        {
            double sum = 0;
            foreach (var rows in LengthBuckets.Shuffled(new int[train.Count], BatchSize, options.Seed, -epoch)) sum += Step(rows) * rows.Length;
            var (loss, accuracy) = Score(devStates, devTruth);
            if (best is not null && (accuracy < best.DevAccuracy || accuracy == best.DevAccuracy && loss >= best.DevLoss)) continue;
            best = new(0, sum / train.Count, loss, accuracy, true);
            kept?.Dispose();
            kept = model.Parameters.Snapshot();
        }
        if (kept is not null) model.Parameters.Restore(kept);
        kept?.Dispose();
        return best ?? new(0, double.NaN, double.NaN, double.NaN, false);

        double Step(int[] rows)
        {
            using var inner = NewDisposeScope();
            var chosen = tensor(rows.Select(r => (long)r).ToArray(), device: device);
            model.Parameters.Gradients.zero_();
            var loss = F.cross_entropy(LinearHead.Score(states.index_select(0, chosen), model.Parameters), truth.index_select(0, chosen));
            loss.backward();
            optimizer.Step(adapterRate: 0, headRate: schedule.At(step++));
            return loss.item<float>();
        }
    }

    private (double Loss, double Accuracy) Score(Tensor states, Tensor truth)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        var logits = LinearHead.Score(states, model.Parameters);
        return (F.cross_entropy(logits, truth).item<float>(), logits.argmax(1).eq(truth).to_type(ScalarType.Float64).mean().item<double>());
    }

    /// <summary>Pooled states [N,D] and labels [N], in the rows' order.</summary>
    private (Tensor States, Tensor Labels) Pooled(IReadOnlyList<EncodedRow> rows, CancellationToken cancel)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        Tensor? states = null;
        foreach (var chosen in Trainer.EvaluationBatches(rows))
        {
            cancel.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            using var batch = TokenBatch.Of([.. chosen.Select(r => rows[r].Ids)], device);
            var pooled = model.BakedStates(batch);
            states ??= empty([rows.Count, pooled.shape[1]], ScalarType.Float32, device).MoveToOuterDisposeScope();
            states.index_copy_(0, tensor(chosen.Select(r => (long)r).ToArray(), device: device), pooled);
        }
        return (states!.MoveToOuterDisposeScope(), tensor(rows.Select(r => (long)r.Label).ToArray(), device: device).MoveToOuterDisposeScope());
    }
}
