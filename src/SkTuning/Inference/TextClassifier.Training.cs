using SkTuning.Data;
using SkTuning.Models;
using SkTuning.Prompts;
using SkTuning.Training;

namespace SkTuning.Inference;

public sealed partial class TextClassifier
{
    /// <summary>Trains a classifier on rows; the model stays as it is.</summary>
    /// <param name="model">The frozen base, which must outlive the classifier.</param>
    /// <param name="rows">Texts with their labels, two labels or more.</param>
    /// <param name="options">The task's description, and how to train.</param>
    /// <param name="progress">Told after every step, on the training thread.</param>
    /// <param name="cancel">Stops behind the current step with <see cref="TrainingCanceledException"/>, which holds what was trained.</param>
    /// <exception cref="SkTuningException">An option, a row or a label cannot be used; the message names it.</exception>
    public static TextClassifier Train(FrozenModel model, IEnumerable<Row> rows, TextClassifierOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        options.Training.Validate();
        options.Method.Validate();
        var (train, dev, heldOut) = Split(rows, options);
        var labels = LabelSet.Of(train);
        if (labels.Count < 2) throw new SkTuningException($"The training rows have {(labels.Count == 0 ? "no label" : $"one label only, '{labels[0]}'")}, expected two or more.");
        var devLabels = labels.IndicesOf(dev, "the dev rows");

        var promptIds = TextEncoder.PromptIds(model.Tokenizer, model.Config.Causal, options.Prompt);
        var definition = Definition(model, options, promptIds, labels);
        var classifier = new TextClassifier(model, definition);
        try
        {
            var cut = 0;
            var encodedTrain = train.Zip(labels.IndicesOf(train), (row, label) => Encode(row.Text, label)).ToList();
            var cutTrain = cut;
            var encodedDev = dev.Zip(devLabels, (row, label) => Encode(row.Text, label)).ToList();
            var outcome = new Trainer(classifier._tuned, options.Training, model.Device).Run(encodedTrain, encodedDev, progress, cancel);
            classifier.Report = new()
            {
                Epochs = outcome.Epochs,
                Best = outcome.Best,
                Steps = outcome.Steps,
                Seconds = outcome.Seconds,
                TrainRows = train.Count,
                DevRows = dev.Count,
                HeldOut = heldOut,
                CutRows = cutTrain,
                WasCancelled = outcome.WasCancelled,
            };
            classifier._definition = classifier._definition with { DevAccuracy = outcome.Best?.DevAccuracy };

            EncodedRow Encode(string text, int label)
            {
                var (ids, wasCut) = classifier._encoder.Encode(text);
                if (wasCut) cut++;
                return new(ids, label);
            }
        }
        catch
        {
            classifier.Dispose();
            throw;
        }
        return cancel.IsCancellationRequested && classifier.Report.WasCancelled ? throw new TrainingCanceledException(classifier, cancel) : classifier;
    }

    /// <summary><see cref="Train"/> on a thread of its own.</summary>
    /// <inheritdoc cref="Train"/>
    public static Task<TextClassifier> TrainAsync(FrozenModel model, IEnumerable<Row> rows, TextClassifierOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
        => Task.Factory.StartNew(() => Train(model, rows, options, progress, cancel), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static (IReadOnlyList<Row> Train, IReadOnlyList<Row> Dev, IReadOnlyList<int> HeldOut) Split(IEnumerable<Row> rows, TextClassifierOptions options)
    {
        var all = rows as IReadOnlyList<Row> ?? [.. rows];
        if (all.Count == 0) throw new SkTuningException("There are no training rows.");
        if (options.Dev is { Count: > 0 } dev) return (all, dev, []);
        var split = Splits.Stratified(all, options.Training.DevFraction, options.Training.Seed);
        return (split.Train, split.Held, split.HeldIndices);
    }

    private static AdapterDefinition Definition(FrozenModel model, TextClassifierOptions options, int[] promptIds, LabelSet labels)
    {
        var template = RowTemplate.Parse(options.Template);
        var taken = options.Method.Length(promptIds.Length);
        var room = model.Config.Context - taken;
        if (room < 1) throw new SkTuningException($"The prompt takes {taken} tokens and leaves no room for text in the model's context of {model.Config.Context}: shorten it.");
        var most = options.MaxTokens ?? Math.Min(room, LongestByDefault);
        if (most < 1 || most > room) throw new SkTuningException($"TextClassifierOptions.MaxTokens is {most}, expected 1 to {room}: the model's context of {model.Config.Context} less the {taken} in front of the text.");
        return new()
        {
            Tuning = options.Method,
            Prompt = options.Prompt,
            PromptIds = promptIds,
            Template = template.ToString(),
            MaxTokens = most,
            Labels = [.. labels],
            Head = "linear",
            Pooling = options.Pooling.ToString(),
            Base = model.Fingerprint,
            Precision = model.Describe().Precision.ToString(),
            Parameters = 0,
            DevAccuracy = null,
            Seed = options.Training.Seed,
        };
    }
}
