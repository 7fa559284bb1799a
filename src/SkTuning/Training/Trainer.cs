using System.Diagnostics;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Checkpoints;
using SkTuning.Heads;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Tasks;
using SkTuning.Training.Runs;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// The training loop, on the caller's thread: dispose scopes and no_grad are per thread. It keeps the parameters of the best epoch on dev (the metric, then the loss) and leaves
/// the model with them, also when it is cancelled or diverges. With a run folder it goes on where the folder's checkpoint stands.
/// </summary>
internal sealed partial class Trainer(TunedModel model, Objective objective, TrainingOptions options, Device device, RunFolder? folder = null, SharedWork? shared = null)
{
    /// <summary>On a device that computes beside the processor, losses are read so many steps at a time: reading one waits for it.</summary>
    internal const int StepsAtOnce = 16;

    /// <summary>
    /// The youngest garbage is collected behind so many steps. A step leaves little, but on a processor with large caches the runtime waits for 100 MB of it, and what its finalizers hold of native memory
    /// is not free until then.
    /// </summary>
    private const int StepsBetweenCollections = 32;

    private readonly string _metric = objective.Metric(options.Metric);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly Queue<Pending> _pending = [];
    private TrainingState _state = new();
    private Optimizer _optimizer = null!;
    private LowerLayerCache? _bottom;
    private ActivationMemory? _activations;
    private Tensor? _kept;
    private int _steps, _perEpoch, _fewest;
    private long _largest;
    private LearningRateSchedule _schedule = null!;
    private IProgress<TrainingProgress>? _progress;
    private TrainingDivergence? _divergence;
    private double _lastCheckpoint, _lastStep;
    private bool? _draws;

    /// <summary>What the loop leaves; the caller adds what it knows of the rows.</summary>
    public sealed record Outcome(IReadOnlyList<EpochResult> Epochs, EpochResult? Best, int Steps, double Seconds, bool WasCancelled)
    {
        public TrainingDivergence? Divergence { get; init; }

        public int RowsAtOnce { get; init; }

        public bool RecomputesActivations { get; init; }

        public long ActivationMemory { get; init; }
    }

    /// <summary>A step whose figures are not read yet.</summary>
    private sealed record Pending(int Step, int[] Rows, long Tokens, Tensor? Figures, double Loss, double Norm);

    /// <summary>Called before rows go through the model, with their number: tests make it fail.</summary>
    internal Action<int>? BeforeRows { get; set; }

    /// <summary>The parameters are those of an adapter that goes on: they count as they are, and the head is not trained alone before the rest.</summary>
    public bool GoesOn { get; init; }

    private Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> MakeBatch => _bottom is null ? TokenBatch.Of : _bottom.Batch;

    private double Elapsed => _state.Seconds + _clock.Elapsed.TotalSeconds;

    public Outcome Run(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        using var activity = Telemetry.Start("run");
        _progress = progress;
        _perEpoch = (train.Count + options.BatchSize - 1) / options.BatchSize;
        _steps = model.HasAdapter ? (int)Math.Min((long)options.Epochs * _perEpoch, options.MaxSteps ?? int.MaxValue) : 0;
        _schedule = new(1, (int)Math.Round(options.WarmUp * _steps), _steps, options.Schedule);
        using var optimizer = _optimizer = Optimizer.Create(options, model.Parameters);
        _bottom = folder?.State?.Finished == true ? null : Bottom(train, dev, cancel);
        using var own = shared is null ? _bottom : null;
        _fewest = options.BatchSize;
        if (folder?.State is { } before) (_state, _kept) = (before, folder.ReadTensors(model.Parameters, optimizer));
        else Begin(train, dev, cancel);
        model.RecomputesActivations = _state.Recompute;
        using var memory = _state.Recompute ? Native.AllocatorSettings.GiveBackLargeBlocks() : null;
        var seconds = _lastCheckpoint = _lastStep = Elapsed;
        if (!_state.Finished) seconds = Tune(train, dev, cancel);
        if (_kept is not null) model.Parameters.Restore(_kept);
        _kept?.Dispose();
        return new(_state.Epochs, _state.Best, _state.Step, seconds, cancel.IsCancellationRequested && !_state.Finished) { Divergence = _divergence, RowsAtOnce = _fewest, RecomputesActivations = _state.Recompute, ActivationMemory = _largest };
    }

    /// <summary>What stands before the first step: the head, where it is trained alone first.</summary>
    private void Begin(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, CancellationToken cancel)
    {
        _state.MicroRows = options.MicroBatchSize;
        Plan(train);
        if (GoesOn && model.HasAdapter) Keep(Evaluated(0, double.NaN, dev));
        else if (model.Head.Parameters.Count > 0 && (options.HeadFirst || !model.HasAdapter)) Keep(new HeadFit(model, objective, _metric, options, device, _bottom, shared) { StartCounts = GoesOn }.Run(train, dev, cancel));
        else if (model.Head.StartMeansSomething) Keep(Evaluated(0, double.NaN, dev));
        // A head that was cut short would be another one than that of an undisturbed run: it starts anew.
        if (!cancel.IsCancellationRequested) WriteCheckpoint();
    }

    /// <summary>
    /// Chooses what goes through the model at once by the memory that is left. On a GPU the allocator says when it is full, which is dealt with then; on a CPU the process would end.
    /// </summary>
    private void Plan(IReadOnlyList<EncodedRow> train)
    {
        if (!model.HasAdapter) return;
        var recompute = options.RecomputeActivations;
        if (device.type == TorchSharp.DeviceType.CPU)
        {
            const double Part = 0.6;                                                                    // the rest is for temporaries, for evaluation, and for what is reckoned too low
            _state.ActivationLimit = (long)(Part * (options.AvailableMemory ?? Native.MachineMemory.Available()) / (shared?.AtOnce ?? 1));
            recompute ??= train.Max(r => RowMemory(false, r)) > _state.ActivationLimit;
        }
        _state.Recompute = recompute == true;
    }

    /// <summary>What a step keeps.</summary>
    private ActivationMemory Activations(bool recomputed)
        => _activations is { } known && known.Recomputed == recomputed ? known
            : _activations = new(model.Transformer.Config, model.Transformer.ValueBytes, LowerLayerCache.LayerOf(model), model.Method.Length) { Recomputed = recomputed };

    /// <summary>What a step keeps of a row, in all sequences that it is and that the head makes of it.</summary>
    private long RowMemory(bool recomputed, EncodedRow row) => row.Sequences.Count * model.Head.SequencesFor(objective) * Activations(recomputed).OfRow(row.Ids.Length);

    /// <summary>The most rows at once, where one takes so much.</summary>
    private int MostRows(int rows, long memory)
    {
        var most = Math.Min(_state.MicroRows ?? rows, rows);
        if (_state.ActivationLimit is { } limit) most = (int)Math.Clamp(limit / Math.Max(1, memory), 1, most);
        return most;
    }

    /// <summary>The states of all rows at the lowest trained layer, where that saves work.</summary>
    private LowerLayerCache? Bottom(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, CancellationToken cancel)
    {
        if (options.StateCacheMemory == 0 || !model.HasAdapter || model.Head.AddsTokens || (options.Epochs == 1 && !options.HeadFirst)) return null;
        var layer = LowerLayerCache.LayerOf(model);
        if (layer == 0) return null;
        EncodedRow[] rows = [.. train.Concat(dev).SelectMany(r => r.Sequences)];
        return shared is null ? Fill(rows) : shared.Bottom(model, layer, rows, Fill);

        LowerLayerCache? Fill(IEnumerable<EncodedRow> all) => LowerLayerCache.Fill(model, layer, all, device, options.StateCacheMemory, cancel);
    }

    /// <returns>Seconds of training until its end.</returns>
    private double Tune(IReadOnlyList<EncodedRow> train, IReadOnlyList<EncodedRow> dev, CancellationToken cancel)
    {
        var lengths = train.Select(r => r.Tokens).ToArray();
        var taker = new TrainingStep(model, _optimizer, options.ClipNorm, objective);
        while (model.HasAdapter && _state.Epoch <= options.Epochs && _state.Step < _steps && !IsPatienceOver())
        {
            using var activity = Telemetry.Start("epoch");
            var batches = LengthBuckets.Shuffled(lengths, options.BatchSize, options.Seed, _state.Epoch);
            while (_state.Batch < batches.Count)
            {
                if (cancel.IsCancellationRequested)
                {
                    if (Read()) WriteCheckpoint();
                    return Elapsed;
                }
                Step(taker, train, batches[_state.Batch]);
                if (_state.Step % StepsBetweenCollections == 0) GC.Collect(0);
                if (_state.Batch == batches.Count || _state.Step == _steps) break;
                var due = IsCheckpointDue();
                if ((due || _pending.Count >= (device.type == TorchSharp.DeviceType.CPU ? 1 : StepsAtOnce)) && !Read(due)) return Elapsed;
            }
            if (!Read(lastOfEpoch: () =>
            {
                var loss = _state.LossSum / _state.Batch;
                Keep(Evaluated(_state.Epoch, loss, dev));
                var result = _state.Epochs[^1];
                if (result.IsBetterThan(_state.Tuned, _metric)) _state.Tuned = result;
                (_state.Epoch, _state.Batch, _state.LossSum) = (_state.Epoch + 1, 0, 0);
                return result;
            })) return Elapsed;
        }
        if (cancel.IsCancellationRequested && _state.Epochs.Count == 0) return Elapsed;
        _state.Finished = true;
        WriteCheckpoint();
        return Elapsed;
    }

    private bool IsPatienceOver() => options.Patience > 0 && _state.Epoch > 1 && _state.Epoch - 1 - (_state.Tuned?.Epoch ?? 0) >= options.Patience;

    private bool IsCheckpointDue() => folder is not null && ((options.CheckpointSteps is { } every && _state.Step % every == 0) || Elapsed - _lastCheckpoint >= options.CheckpointMinutes * 60);

    /// <summary>Reads and tells the figures of the steps taken since the last time.</summary>
    /// <param name="write">Write a checkpoint behind them.</param>
    /// <param name="lastOfEpoch">Evaluates: called behind the last of an epoch.</param>
    /// <returns>False when one of them diverged.</returns>
    private bool Read(bool write = false, Func<EpochResult>? lastOfEpoch = null)
    {
        while (_pending.TryDequeue(out var step))
        {
            var (loss, norm) = Figures(step);
            _state.Note(loss);
            _state.Tokens += step.Tokens;
            var now = Elapsed;
            Telemetry.Step(loss, norm, step.Tokens, now - _lastStep);
            _lastStep = now;
            if (!double.IsFinite(loss) || !double.IsFinite(norm) || _state.IsDiverging(options.Divergence)) _divergence = new(step.Step, loss, norm, step.Rows);
            var epoch = _state.Epoch;
            var progress = At(step.Step, epoch, loss, norm);
            folder?.Step(progress);
            if (_divergence is not null)
            {
                Forget();
                return false;
            }
            var last = _pending.Count == 0;
            var evaluated = last ? lastOfEpoch?.Invoke() : null;
            var written = last && (write || evaluated is not null) && WriteCheckpoint();
            _progress?.Report(evaluated is null && !written ? progress : progress with { Evaluated = evaluated, CheckpointWritten = written, Elapsed = TimeSpan.FromSeconds(Elapsed) });
        }
        return true;
    }

    private static (double Loss, double Norm) Figures(Pending step)
    {
        if (step.Figures is null) return (step.Loss, step.Norm);
        using (step.Figures)
        {
            using var read = step.Figures.cpu();
            var values = read.data<float>().ToArray();
            return (values[0], values[1]);
        }
    }

    private void Forget()
    {
        while (_pending.TryDequeue(out var step)) step.Figures?.Dispose();
    }

    /// <summary>Notes an epoch and, if it is the best on dev, the parameters.</summary>
    private void Keep(EpochResult epoch)
    {
        var isBest = epoch.IsBetterThan(_state.Best, _metric);
        _state.Epochs.Add(epoch with { IsBest = isBest });
        folder?.Epoch(_state.Epochs[^1], _state.Step, _metric, Elapsed);
        Telemetry.Evaluated(_metric, epoch.DevScore);
        if (!isBest) return;
        _state.Best = _state.Epochs[^1];
        _kept?.Dispose();
        _kept = model.Parameters.Snapshot();
    }

    private bool WriteCheckpoint()
    {
        if (folder is null) return false;
        using var activity = Telemetry.Start("checkpoint");
        var before = _state.Seconds;
        _state.Seconds = Elapsed;
        folder.WriteCheckpoint(_state, model.Parameters, _optimizer, _kept);
        _state.Seconds = before;
        _lastCheckpoint = Elapsed;
        Telemetry.Checkpoint();
        return true;
    }

    private EpochResult Evaluated(int epoch, double trainLoss, IReadOnlyList<EncodedRow> dev)
    {
        var result = OnDev(epoch, trainLoss, dev);
        Native.AllocatorSettings.GiveBackFreedMemory();                            // its batches are larger than a step's
        return result;
    }

    private EpochResult OnDev(int epoch, double trainLoss, IReadOnlyList<EncodedRow> dev)
    {
        using var activity = Telemetry.Start("evaluate");
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var outputs = BatchedPass.Collect(dev, device, model.Baked, CPU, makeBatch: MakeBatch);
        var targets = objective.Targets(dev, CPU);
        if (double.IsNaN(_state.ZeroLoss)) _state.ZeroLoss = objective.PlainLoss(zeros_like(outputs), targets).item<float>();
        var loss = objective.PlainLoss(outputs, targets).item<float>();
        return new(epoch, trainLoss, loss, _metric == Objective.LossMetric ? loss : objective.Score(_metric, outputs, dev), false);
    }

    private TrainingProgress At(int step, int epoch, double loss, double norm)
    {
        var elapsed = Elapsed;
        return new()
        {
            Epoch = epoch,
            Epochs = options.Epochs,
            Step = step,
            Steps = _steps,
            Loss = loss,
            LearningRate = _schedule.At(step - 1) * options.Rate,
            GradientNorm = norm,
            Memory = Environment.WorkingSet,
            TokensPerSecond = _state.Tokens / Math.Max(elapsed, 1e-9),
            Elapsed = TimeSpan.FromSeconds(elapsed),
            Remaining = TimeSpan.FromSeconds(elapsed * (_steps - step) / step),
        };
    }
}
