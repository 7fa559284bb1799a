using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Models;
using SkTuning.Tasks;
using SkTuning.Training;

namespace SkTuning;

public sealed partial class TextClassifier
{
    /// <summary>Trains a classifier on rows; the model stays as it is.</summary>
    /// <param name="model">The frozen base, which must outlive the classifier.</param>
    /// <param name="rows">Texts, or pairs of texts, with their labels, two labels or more.</param>
    /// <param name="options">The task's description, and how to train.</param>
    /// <param name="progress">Told after every step, on the training thread.</param>
    /// <param name="cancel">Stops behind the current step with <see cref="TrainingCanceledException"/>, which holds what was trained.</param>
    /// <exception cref="SkTuningException">An option, a row or a label cannot be used; the message names it.</exception>
    public static TextClassifier Train(FrozenModel model, IEnumerable<Row> rows, TextClassifierOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        var (train, dev, heldOut) = Split(rows, options);
        var labels = LabelSet.Of(train);
        if (options.StartFrom is { } start) return GoOn(start, model, train, dev, heldOut, options, progress, cancel);
        if (labels.Count < 2) throw new SkTuningException($"The training rows have {(labels.Count == 0 ? "no label" : $"one label only, '{labels[0]}'")}, expected two or more.");
        labels.IndicesOf(dev, "the dev rows");
        var definition = NewDefinition.Of(model, options, SingleLabelObjective.Name, labels, Pairs.AllOrNone(train.Concat(dev))).With(options, labels, model);
        var classifier = new TextClassifier(new(model, definition));
        return TaskTraining.Run(classifier, () => new(classifier.Encoded(train), classifier.Encoded(dev), heldOut), new SingleLabelObjective(labels, options.Training.LabelSmoothing), options.Training, progress, cancel);
    }

    private static TextClassifier GoOn(string start, FrozenModel model, IReadOnlyList<Row> train, IReadOnlyList<Row> dev, IReadOnlyList<int> heldOut, TextClassifierOptions options, IProgress<TrainingProgress>? progress, CancellationToken cancel)
    {
        var definition = WarmStart.Define(start, model, options, LabelSet.Of(train), Pairs.AllOrNone(train.Concat(dev)));
        LabelSet.InOrder(definition.Labels).IndicesOf(dev, "the dev rows");
        var classifier = new TextClassifier(new(model, definition));
        TrainingRows Rows()
        {
            classifier.Runtime.StartFrom(start);
            return new(classifier.Encoded(train), classifier.Encoded(dev), heldOut);
        }
        return TaskTraining.Run(classifier, Rows, new SingleLabelObjective(classifier.Labels, options.Training.LabelSmoothing), options.Training, progress, cancel);
    }

    /// <summary><see cref="Train"/> on a thread of its own.</summary>
    /// <inheritdoc cref="Train"/>
    public static Task<TextClassifier> TrainAsync(FrozenModel model, IEnumerable<Row> rows, TextClassifierOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
        => TaskTraining.OnItsOwnThread(() => Train(model, rows, options, progress, cancel));

    private IReadOnlyList<EncodedRow> Encoded(IReadOnlyList<Row> rows)
        => [.. rows.Select(r => Runtime.Encoder.Encode(r.Text, ReadsPairs ? r.Text2 : null) with { Classes = [Labels.IndexOf(r.Label)] })];

    private static (IReadOnlyList<Row> Train, IReadOnlyList<Row> Dev, IReadOnlyList<int> HeldOut) Split(IEnumerable<Row> rows, TextClassifierOptions options)
    {
        var all = rows as IReadOnlyList<Row> ?? [.. rows];
        if (all.Count == 0) throw new SkTuningException("There are no training rows.");
        if (options.Dev is { Count: > 0 } dev) return (all, dev, []);
        options.Training.Validate();
        var split = Splits.Stratified(all, options.Training.DevFraction, options.Training.Seed);
        return (split.Train, split.Held, split.HeldIndices);
    }
}
