using SkTuning.Adapters;
using SkTuning.Classifiers.Tokens;
using SkTuning.Methods.TopLayers;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Pretraining;
using SkTuning.Training;

namespace SkTuning;

/// <summary>
/// Makes language models of discrete units, such as those that speech is turned into by clustering (GSLM, arXiv 2102.01192). A model is a folder that
/// <see cref="FrozenModel.Load"/> reads: from there on it is frozen like any other base, and its texts are units separated by spaces.
/// </summary>
public static class UnitModel
{
    /// <summary>
    /// Trains a new model from random weights to predict the next unit, and writes it to a folder. The same sequences and options give the same model on the
    /// same machine.
    /// </summary>
    /// <param name="sequences">The sequences without labels: units, which are whole numbers from 0, separated by spaces.</param>
    /// <param name="folder">A new folder, or an empty one. It is written when training is complete.</param>
    /// <param name="options">The sizes of the model and how it is trained; <see langword="null"/> for the defaults.</param>
    /// <param name="progress">Receives progress after every step, on the training thread.</param>
    /// <param name="cancellationToken">Cancels after the current step; nothing is written.</param>
    /// <returns>The report, whose losses are the mean negative log-likelihood of a unit.</returns>
    /// <exception cref="SkTuningException">
    /// A sequence or an option cannot be used, the model does not fit into the memory, the folder cannot be written, or training diverged. The message says
    /// which.
    /// </exception>
    /// <exception cref="OperationCanceledException">Training was canceled.</exception>
    public static TrainingReport Pretrain(IEnumerable<string> sequences, string folder, UnitModelOptions? options = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sequences);
        ArgumentNullException.ThrowIfNull(folder);
        options ??= new();
        options.Validate();
        using var work = ProcessEnd.Work();
        NativeBootstrap.EnsureLoaded();
        var read = UnitSequences.Read(sequences, options.Units);
        TrainingReport? report = null;
        AtomicFolder.Write(folder, UnitModelFolder.Content, staging => report = Train(read, staging, options, progress, cancellationToken));
        return report!;
    }

    private static TrainingReport Train(UnitSequences sequences, string folder, UnitModelOptions options, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
    {
        var files = new UnitModelFolder(sequences.Units, options);
        var device = Devices.Named(options.Device);
        // A GPU reports when its memory is full.
        var memory = device.type == TorchSharp.DeviceType.CPU ? UnitModelMemory.Now(files.Weights, files.Vocabulary) : null;
        memory?.Check();
        files.WriteNew(folder);
        var (train, dev) = sequences.Rows(files.StartId, options);
        // The file is written again: it must not be mapped.
        using var transformer = FrozenModel.LoadTransformer(folder, new() { CopyWeights = true }, device).Transformer;
        var (method, head) = (new TopLayersMethod(transformer, options.Layers), new NextTokenHead(transformer));
        using var model = new TunedModel(transformer, method, head, new(TunedModel.Specs(method, head), options.Seed, device));
        var report = Trainer().Run(new(train, dev, []), progress, cancellationToken);
        if (report.WasCanceled) cancellationToken.ThrowIfCancellationRequested();
        if (report.Divergence is { } diverged)
        {
            throw new SkTuningException(FormattableString.Invariant($"Training diverged at step {diverged.Step}: loss {diverged.Loss:G6}. ")
                + $"Nothing was written. Lower {nameof(UnitModelOptions)}.{nameof(UnitModelOptions.LearningRate)}.");
        }
        files.WriteWeights(folder, name => head.Parameters.Any(p => p.Name == name) ? model.Parameters[name] : model.Parameters.Adapter(name));
        return report;

        // A model of units is a classifier of tokens, whose label for each token is the next token.
        Trainer Trainer()
        {
            var batches = (train.Count + options.BatchSize - 1) / options.BatchSize;
            return new(model, new TokenObjective(LabelSet.InOrder([.. Enumerable.Range(0, files.Vocabulary).Select(i => $"{i}")])), new()
            {
                Metric = "loss", HeadFirst = false, LearningRate = options.LearningRate, Schedule = ScheduleKind.Cosine, Patience = 0, Seed = options.Seed,
                MicroBatchSize = memory?.RowsAtOnce(train, options.BatchSize),
            }, new(options.BatchSize, batches, (options.Steps + batches - 1) / batches, options.Steps, DevChooses: dev.Count > 0, Balances: false), device);
        }
    }
}
