using System.Diagnostics;
using SkTuning.Data;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Training;

/// <summary>A row as the model reads it.</summary>
internal readonly record struct EncodedRow(int[] Ids, int Label);

/// <summary>
/// The training loop, on the caller's thread: dispose scopes and no_grad are per thread. It keeps the parameters of the best epoch on dev (accuracy, then loss) and leaves
/// the model with them, also when it is cancelled.
/// </summary>
internal sealed class Trainer(TunedModel model, TrainingOptions options, Device device)
{
    private const int EvaluationRows = 64, EvaluationTokens = 8192;

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
        if (options.HeadFirst || !model.HasAdapter) Keep(new HeadFit(model, options, device).Run(train, dev, cancel));
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
        var taker = new TrainingStep(model, optimizer, options.ClipNorm, options.LabelSmoothing);
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
            var (loss, accuracy) = Evaluate(dev);
            Keep(new(epoch, losses.Average(), loss, accuracy, false));
            progress?.Report(At(epoch, steps, losses[^1], schedule, _epochs[^1]));
            // The head alone is no yardstick for patience: the adapter gets its time, the best of all is kept.
            if (tuned is null || IsBetter(_epochs[^1], tuned)) tuned = _epochs[^1];
            if (options.Patience > 0 && epoch - tuned.Epoch >= options.Patience) return;
        }
    }

    /// <summary>Notes an epoch and, if it is the best on dev, the parameters.</summary>
    private void Keep(EpochResult epoch)
    {
        var isBest = !double.IsNaN(epoch.DevLoss) && (_best is null || IsBetter(epoch, _best));
        _epochs.Add(epoch with { IsBest = isBest });
        if (!isBest) return;
        _best = _epochs[^1];
        _kept?.Dispose();
        _kept = model.Parameters.Snapshot();
    }

    /// <summary>Accuracy decides, then loss.</summary>
    private static bool IsBetter(EpochResult one, EpochResult other)
        => one.DevAccuracy > other.DevAccuracy || one.DevAccuracy == other.DevAccuracy && one.DevLoss < other.DevLoss;

    /// <summary>Batches for passes without gradients.</summary>
    public static IEnumerable<int[]> EvaluationBatches(IReadOnlyList<EncodedRow> rows) => LengthBuckets.ByLength([.. rows.Select(r => r.Ids.Length)], EvaluationRows, EvaluationTokens);

    private double Take(TrainingStep taker, IReadOnlyList<EncodedRow> train, int[] rows, double rate)
    {
        using var scope = NewDisposeScope();
        using var batch = TokenBatch.Of([.. rows.Select(r => train[r].Ids)], device);
        var labels = tensor(rows.Select(r => (long)train[r].Label).ToArray(), device: device);
        var (loss, norm) = taker.Take(batch, labels, rate * options.LearningRate, rate * (options.HeadLearningRate ?? options.LearningRate));
        _step++;
        _tokens += rows.Sum(r => (long)train[r].Ids.Length);
        if (double.IsFinite(loss) && double.IsFinite(norm)) return loss;
        throw new SkTuningException(FormattableString.Invariant(
            $"Training diverged at step {_step}: loss {loss}, gradient norm {norm}, on rows {string.Join(", ", rows.Take(8))}{(rows.Length > 8 ? "…" : "")} (counted from 0). Lower the learning rate ({options.LearningRate})."));
    }

    /// <summary>Mean loss and accuracy.</summary>
    public (double Loss, double Accuracy) Evaluate(IReadOnlyList<EncodedRow> rows)
    {
        double loss = 0;
        var right = 0L;
        foreach (var chosen in EvaluationBatches(rows))
        {
            using var scope = NewDisposeScope();
            using var off = no_grad();
            using var batch = TokenBatch.Of([.. chosen.Select(r => rows[r].Ids)], device);
            var labels = tensor(chosen.Select(r => (long)rows[r].Label).ToArray(), device: device);
            var logits = model.Baked(batch);
            loss += F.cross_entropy(logits, labels, reduction: nn.Reduction.Sum).item<float>();
            right += logits.argmax(1).eq(labels).sum().item<long>();
        }
        return (loss / rows.Count, (double)right / rows.Count);
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
