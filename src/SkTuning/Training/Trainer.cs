using System.Diagnostics;
using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Heads.LabelTexts;
using SkTuning.Native;
using SkTuning.Tasks;
using SkTuning.Training.Runs;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// The training loop. It runs on the caller's thread, since dispose scopes and no_grad are per thread. Where the dev rows choose, it keeps the parameters of
/// the best epoch (by the metric, then by the loss), otherwise those of the last one, and restores them at the end, also if training is canceled or diverges.
/// With a run folder, it resumes from the folder's checkpoint.
/// </summary>
internal sealed partial class Trainer(TunedModel model, Objective objective, TrainingOptions options, TrainingPlan plan, Device device,
    RunFolder? folder = null, SharedWork? shared = null)
{
    /// <summary>The number of steps after which losses are read from a GPU: each read waits for it.</summary>
    internal const int StepsBetweenReads = 16;

    /// <summary>
    /// The number of steps after which the youngest generation is collected. A step leaves little garbage, but on a processor with large caches the runtime
    /// waits for 100 MB of it, and until then the native memory that its finalizers hold is not free.
    /// </summary>
    private const int StepsBetweenCollections = 32;

    private readonly Metric _metric = objective.FindMetric(options.Metric);
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private TrainingState _state = new();
    private MemoryPlan _memory = null!;
    private DevEvaluation _evaluation = null!;
    private Optimizer _optimizer = null!;
    private LearningRateSchedule _schedule = null!;
    private LowerLayerCache? _lowerLayers;
    private Tensor? _bestParameters;
    private int _steps;

    /// <summary>Called with the number of rows before they go through the model, so that tests can make it fail.</summary>
    internal Action<int>? BeforeRows { get; set; }

    /// <summary>
    /// The parameters are those of an adapter that training continues from: they are a candidate for the best, and the head is not trained alone first.
    /// </summary>
    public bool Continues { get; init; }

    /// <summary>The texts of each label, for a head that is fitted exactly.</summary>
    public IReadOnlyList<IReadOnlyList<EncodedRow>> LabelTexts { get; init; } = [];

    private Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> MakeBatch => _lowerLayers is null ? TokenBatch.Of : _lowerLayers.Batch;

    private double Elapsed => _state.Seconds + _clock.Elapsed.TotalSeconds;

    public TrainingReport Run(TrainingRows rows, IProgress<TrainingProgress>? progress, CancellationToken cancellationToken)
    {
        using var activity = Telemetry.Start("run");
        _progress = progress;
        _steps = model.HasAdapter && !KeepsMethod ? plan.Steps : 0;
        _schedule = new(1, (int)Math.Round(options.WarmUp * _steps), _steps, options.Schedule);
        using var optimizer = _optimizer = Optimizer.Create(options, model.Parameters);
        _lowerLayers = folder?.State?.Finished == true ? null : LowerLayers(rows, cancellationToken);
        using var own = shared is null ? _lowerLayers : null;
        if (folder?.State is { } stored)
        {
            StateCheck.Require(stored, folder.CheckpointFile, plan, _steps, Patience);
            (_state, _bestParameters) = (stored, folder.ReadTensors(model.Parameters, optimizer));
        }
        _state.ZeroLoss = objective.ZeroLoss(rows.Train);
        if (rows.Dev.Count > 0) objective.CheckMetric(_metric.Name, rows.Dev);
        _memory = new(model, objective, options, plan.BatchSize, device, _state);
        _evaluation = new(model, objective, _metric, device);
        if (folder?.State is null) Begin(rows, cancellationToken);
        model.RecomputesActivations = _state.Recompute;
        using var memory = _state.Recompute ? AllocatorSettings.GiveBackLargeBlocks() : null;
        var seconds = _lastCheckpoint = _lastStep = Elapsed;
        if (!_state.Finished) seconds = Tune(rows, cancellationToken);
        if (_state.Best is null && _state.Finished)
        {
            throw new SkTuningException($"No epoch has a finite {_metric.Name} and a finite loss on the dev rows: the scores are too large. "
                + "Lower the learning rate.");
        }
        if (_bestParameters is not null) model.Parameters.Restore(_bestParameters);
        if (ExactFit is { } fit && _state is { Finished: true, Best.Epoch: > 0 }) Refit(fit, rows, cancellationToken);
        if (model.Head is LabelTextsHead texts && _state.Finished) EndLabelTexts(texts, rows);
        else if (options.KeepLast && _state is { Finished: true, Best: { } last } && double.IsNaN(last.DevScore)) MeasureLast(last, rows);
        _bestParameters?.Dispose();
        return new()
        {
            Epochs = [.. _state.Epochs.Select(e => e.Epoch == _state.Best?.Epoch ? _state.Best : e)],
            Best = _state.Best,
            Steps = _state.Step,
            Seconds = seconds,
            TrainRows = rows.Train.Count,
            DevRows = rows.Dev.Count,
            HeldOut = rows.HeldOut,
            Warnings = rows.Warnings,
            TruncatedRows = rows.Train.Count(r => r.WasTruncated),
            WasCanceled = cancellationToken.IsCancellationRequested && !_state.Finished,
            Metric = _metric.Name,
            Divergence = _divergence,
            RowsAtOnce = _memory.RowsAtOnce,
            RecomputesActivations = _state.Recompute,
            ActivationMemory = _memory.LargestStep,
            Distillation = _distilled,
        };
    }

    /// <summary>Prepares the first step: fits or trains the head alone, or makes the present parameters a candidate for the best.</summary>
    private void Begin(TrainingRows rows, CancellationToken cancellationToken)
    {
        _memory.Start(rows.Train, shared?.Parallel ?? 1);
        Distill(rows, cancellationToken);
        if (model.Head is LabelTextsHead texts)
        {
            BeginLabelTexts(texts, rows, cancellationToken);
            Keep(model.HasAdapter && !plan.DevChooses ? Unmeasured(0, double.NaN) : Evaluate(0, double.NaN, rows.Dev)!);
        }
        else if (Continues && model.HasAdapter) Keep(Evaluate(0, double.NaN, rows.Dev)!);
        else if (ExactFit is { } exact)
        {
            exact.Run(rows.Train, isFirst: true, MakeBatch, cancellationToken);
            Keep(model.HasAdapter && !plan.DevChooses ? Unmeasured(0, double.NaN) : Evaluate(0, double.NaN, rows.Dev)!);
        }
        else if (model.Head.Parameters.Count > 0 && (options.HeadFirst || !model.HasAdapter || KeepsMethod))
        {
            var fit = new HeadFit(model, objective, _metric, options, device, _lowerLayers, shared) { StartCounts = Continues };
            var fitted = fit.Run(rows.Train, rows.Dev, out var isSample, cancellationToken);
            Keep(isSample && !cancellationToken.IsCancellationRequested ? Evaluate(0, fitted.TrainLoss, rows.Dev)! : fitted);
        }
        else if (model.Head.StartMeansSomething) Keep(Evaluate(0, double.NaN, rows.Dev)!);
        // A head whose training was canceled differs from that of an uninterrupted run: it is trained again.
        if (!cancellationToken.IsCancellationRequested) WriteCheckpoint();
    }

    /// <summary>Fits the head exactly; null if it is trained in steps.</summary>
    private SemanticFit? ExactFit => model.Head is FittedHead head ? new(model, head, objective, LabelTexts, device, shared) : null;

    /// <summary>
    /// Fits the head to the states of the tuned model. Where the dev rows choose, the result is kept if it is not worse on them than the head that was trained.
    /// </summary>
    private void Refit(SemanticFit fit, TrainingRows rows, CancellationToken cancellationToken)
    {
        using var trained = model.Parameters.Snapshot();
        fit.Run(rows.Train, isFirst: false, MakeBatch, cancellationToken);
        var refitted = Evaluate(_state.Best!.Epoch, _state.Best.TrainLoss, rows.Dev);
        if (refitted is null || (plan.DevChooses && _state.Best.IsBetterThan(refitted, _metric))) model.Parameters.Restore(trained);
        else _state.Best = refitted with { IsBest = true };
    }

    /// <summary>Measures the last step on dev rows that did not choose it.</summary>
    private void MeasureLast(EpochResult last, TrainingRows rows)
    {
        if (Evaluate(last.Epoch, last.TrainLoss, rows.Dev) is { } measured) _state.Best = measured with { IsBest = true };
    }

    /// <summary>Returns the states of all rows at the lowest trained layer, if caching them saves work.</summary>
    private LowerLayerCache? LowerLayers(TrainingRows rows, CancellationToken cancellationToken)
    {
        if (options.StateCacheMemory == 0 || !model.HasAdapter || model.Head.AddsTokens || (plan.Epochs == 1 && !options.HeadFirst)) return null;
        var layer = LowerLayerCache.LayerOf(model);
        if (layer == 0) return null;
        EncodedRow[] sequences = [.. rows.Train.Concat(rows.Dev).SelectMany(r => r.Sequences)];
        return shared is null ? Fill(sequences) : shared.LowerLayers(model, layer, sequences, Fill);

        LowerLayerCache? Fill(IEnumerable<EncodedRow> all) => LowerLayerCache.Fill(model, layer, all, device, options.StateCacheMemory, cancellationToken);
    }

    /// <summary>Takes all steps.</summary>
    /// <returns>The duration of training in seconds.</returns>
    private double Tune(TrainingRows rows, CancellationToken cancellationToken)
    {
        var lengths = rows.Train.Select(r => r.Tokens).ToArray();
        var step = new TrainingStep(model, _optimizer, options.MaxGradientNorm, objective);
        var classes = plan.Balances ? rows.Train.Select(ClassOf).ToArray() : [];
        while (model.HasAdapter && _state.Epoch <= plan.Epochs && _state.Step < _steps && !IsPatienceOver())
        {
            using var activity = Telemetry.Start("epoch");
            var batches = plan.Balances ? BalancedBatches.Shuffled(classes, plan.BatchSize, options.Seed, _state.Epoch)
                : LengthBuckets.Shuffled(lengths, plan.BatchSize, options.Seed, _state.Epoch);
            while (_state.Batch < batches.Count)
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    if (Report()) WriteCheckpoint();
                    return Elapsed;
                }
                Step(step, rows.Train, batches[_state.Batch]);
                if (_state.Step % StepsBetweenCollections == 0) GC.Collect(0);
                if (_state.Batch == batches.Count || _state.Step == _steps) break;
                var isDue = IsCheckpointDue();
                if ((isDue || _pending.Count >= (device.type == TorchSharp.DeviceType.CPU ? 1 : StepsBetweenReads)) && !Report(isDue)) return Elapsed;
            }
            if (!Report(endOfEpoch: () => EndEpoch(rows))) return Elapsed;
        }
        if (cancellationToken.IsCancellationRequested && _state.Epochs.Count == 0) return Elapsed;
        _state.Finished = true;
        WriteCheckpoint();
        return Elapsed;
    }

    /// <summary>Evaluates and records an epoch.</summary>
    /// <returns>The result; null if scores of dev rows are not finite, after an epoch in which all were.</returns>
    private EpochResult? EndEpoch(TrainingRows rows)
    {
        FitUntrainedHead(rows);
        var loss = _state.LossSum / _state.Batch;
        if ((plan.DevChooses ? Evaluate(_state.Epoch, loss, rows.Dev) : Unmeasured(_state.Epoch, loss)) is not { } evaluated) return null;
        Keep(evaluated);
        var result = _state.Epochs[^1];
        if (result.IsBetterThan(_state.Tuned, _metric)) _state.Tuned = result;
        (_state.Epoch, _state.Batch, _state.LossSum) = (_state.Epoch + 1, 0, 0);
        return result;
    }

    /// <summary>Measures the present parameters on the dev rows; null if scores are not finite, but were with the best parameters.</summary>
    /// <exception cref="SkTuningException">Scores are not finite, and there are no best parameters yet.</exception>
    private EpochResult? Evaluate(int epoch, double trainLoss, IReadOnlyList<EncodedRow> dev)
    {
        if (dev.Count == 0) return Unmeasured(epoch, trainLoss);
        var result = _evaluation.Run(epoch, trainLoss, dev, MakeBatch);
        if (_evaluation.NotFinite == 0) return result;
        return _state.Best is null ? throw DevRefused(dev) : null;
    }

    /// <summary>The result of an epoch that is not measured on dev rows.</summary>
    private static EpochResult Unmeasured(int epoch, double trainLoss) => new(epoch, trainLoss, double.NaN, double.NaN, false);

    /// <summary>The class by which batches are balanced; the same for all rows that have no class of their own.</summary>
    private static int ClassOf(EncodedRow row) => row.Classes is [var only] ? only : 0;

    private SkTuningException DevRefused(IReadOnlyList<EncodedRow> dev)
        => Finite.Refused(_evaluation.NotFinite, dev.Count, "dev rows", model.Transformer.ComputesInHalf);

    /// <summary>The number of epochs without a better one after which training stops; 0 where dev rows do not choose.</summary>
    private int Patience => plan.DevChooses ? options.Patience : 0;

    private bool IsPatienceOver() => _state.IsPatienceOver(Patience);

    /// <summary>Records an epoch and, if it is the best on the dev rows, or the last one where they do not choose, its parameters.</summary>
    private void Keep(EpochResult epoch)
    {
        var isBest = !plan.DevChooses || epoch.IsBetterThan(_state.Best, _metric);
        _state.Epochs.Add(epoch with { IsBest = isBest });
        folder?.Epoch(_state.Epochs[^1], _state.Step, _metric.Name, Elapsed);
        Telemetry.Evaluated(_metric.Name, epoch.DevScore);
        if (!isBest) return;
        _state.Best = _state.Epochs[^1];
        _bestParameters?.Dispose();
        _bestParameters = model.Parameters.Snapshot();
    }
}
