using System.Diagnostics;
using SkTuning.Data;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// The training loop, on the caller's thread: dispose scopes and no_grad are per thread. It keeps the parameters of the best epoch on dev (the metric, then the loss) and leaves
/// the model with them, also when it is cancelled.
/// </summary>
internal sealed class Trainer(TunedModel model, Objective objective, TrainingOptions options, Device device)
{
    private readonly string _metric = objective.Metric(options.Metric);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly List<EpochResult> _epochs = [];
    private EpochResult? _best;
    private Tensor? _kept;
    private int _step;
    private long _tokens;

    /// <summary>What the loop leaves; the caller adds what it knows of the rows.</summary>
    public sealed record Outcome(IReadOnlyList<EpochResult> Epochs, EpochResult? Best, int Steps, double Seconds, bool WasCancelled);

    public Outcome Run(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        random.manual_seed((long)options.Seed);                                                                 // dropout
        if (!model.Method.TrainsHead) Keep(Evaluated(0, double.NaN, dev));
        else if (options.HeadFirst || !model.HasAdapter) Keep(new HeadFit(model, objective, _metric, options, device).Run(train, dev, cancel));
        if (model.HasAdapter) Tune(train, dev, progress, cancel);
        if (_kept is not null) model.Parameters.Restore(_kept);
        _kept?.Dispose();
        return new(_epochs, _best, _step, _clock.Elapsed.TotalSeconds, cancel.IsCancellationRequested);
    }

    private void Tune(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        var lengths = train.Select(r => r.Ids.Length).ToArray();
        var perEpoch = (train.Count + options.BatchSize - 1) / options.BatchSize;
        var steps = options.Epochs * perEpoch;
        var schedule = new LearningRateSchedule(1, (int)Math.Round(options.WarmUp * steps), steps);
        using var optimizer = new AdamW(model.Parameters, options.WeightDecay);
        var taker = new TrainingStep(model, optimizer, options.ClipNorm, objective);
        EpochResult? tuned = null;
        for (var epoch = 1; epoch <= options.Epochs; epoch++)
        {
            var losses = new List<double>(perEpoch);
            foreach (var rows in LengthBuckets.Shuffled(lengths, options.BatchSize, options.Seed, epoch))
            {
                if (cancel.IsCancellationRequested) return;
                losses.Add(Take(taker, train, rows, schedule.At(_step)));
                if (losses.Count < perEpoch) progress?.Report(At(epoch, steps, losses[^1], schedule, null));
            }
            Keep(Evaluated(epoch, losses.Average(), dev));
            progress?.Report(At(epoch, steps, losses[^1], schedule, _epochs[^1]));
            // The head alone is no yardstick for patience: the adapter gets its time, the best of all is kept.
            if (_epochs[^1].IsBetterThan(tuned, _metric)) tuned = _epochs[^1];
            if (options.Patience > 0 && epoch - (tuned?.Epoch ?? 0) >= options.Patience) return;
        }
    }

    /// <summary>Notes an epoch and, if it is the best on dev, the parameters.</summary>
    private void Keep(EpochResult epoch)
    {
        var isBest = epoch.IsBetterThan(_best, _metric);
        _epochs.Add(epoch with { IsBest = isBest });
        if (!isBest) return;
        _best = _epochs[^1];
        _kept?.Dispose();
        _kept = model.Parameters.Snapshot();
    }

    private double Take(TrainingStep taker, IReadOnlyList<EncodedRow> train, int[] rows, double rate)
    {
        using var scope = NewDisposeScope();
        EncodedRow[] chosen = [.. rows.Select(r => train[r])];
        using var batch = TokenBatch.Of(chosen, device);
        var (loss, norm) = taker.Take(batch, objective.Targets(chosen, device), rate * options.LearningRate, rate * (options.HeadLearningRate ?? options.LearningRate));
        _step++;
        _tokens += rows.Sum(r => (long)train[r].Ids.Length);
        if (double.IsFinite(loss) && double.IsFinite(norm)) return loss;
        throw new SkTuningException(FormattableString.Invariant(
            $"Training diverged at step {_step}: loss {loss}, gradient norm {norm}, on rows {string.Join(", ", rows.Take(8))}{(rows.Length > 8 ? "…" : "")} (counted from 0). Lower the learning rate ({options.LearningRate})."));
    }

    private EpochResult Evaluated(int epoch, double trainLoss, IReadOnlyList<EncodedRow> dev)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var outputs = ByRow.Collect(dev, device, model.Baked, CPU);
        var loss = objective.PlainLoss(outputs, objective.Targets(dev, CPU)).item<float>();
        return new(epoch, trainLoss, loss, _metric == Objective.LossMetric ? loss : objective.Score(_metric, outputs, dev), false);
    }

    private TrainingProgress At(int epoch, int steps, double loss, LearningRateSchedule schedule, EpochResult? evaluated)
    {
        var elapsed = _clock.Elapsed;
        return new()
        {
            Epoch = epoch,
            Epochs = options.Epochs,
            Step = _step,
            Steps = steps,
            Loss = loss,
            LearningRate = schedule.At(_step - 1) * options.LearningRate,
            TokensPerSecond = _tokens / Math.Max(elapsed.TotalSeconds, 1e-9),
            Elapsed = elapsed,
            Remaining = elapsed * ((double)(steps - _step) / _step),
            Evaluated = evaluated,
        };
    }
}
