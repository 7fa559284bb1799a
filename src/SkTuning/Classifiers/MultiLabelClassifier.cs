using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers;
using SkTuning.Metrics;
using SkTuning.Models;
using SkTuning.Tasks;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>Tells any number of labels for each text: <see cref="Row.Labels"/> of the rows. Rows may be single texts or pairs.</summary>
public sealed class MultiLabelClassifier : TunedAdapter
{
    internal MultiLabelClassifier(AdapterRuntime runtime) : base(runtime) { }

    /// <summary>The labels, in the order of their scores.</summary>
    public LabelSet Labels => Runtime.Labels;

    /// <summary>From which probability on each label is told, in the order of the labels.</summary>
    public IReadOnlyList<double> Thresholds => Runtime.Definition.Thresholds ?? [.. Labels.Select(_ => 0.5)];

    /// <summary>Trains a classifier on rows; the model stays as it is.</summary>
    /// <param name="model">The frozen base, which must outlive the classifier.</param>
    /// <param name="rows">Texts, or pairs of texts, each with any number of labels.</param>
    /// <param name="options">The task's description, and how to train.</param>
    /// <param name="progress">Told after every step, on the training thread.</param>
    /// <param name="cancel">Stops behind the current step with <see cref="TrainingCanceledException"/>, which holds what was trained.</param>
    /// <exception cref="SkTuningException">An option, a row or a label cannot be used; the message names it.</exception>
    public static MultiLabelClassifier Train(FrozenModel model, IEnumerable<Row> rows, MultiLabelOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
    {
        var (train, dev, heldOut) = TaskTraining.Split(rows, options.Dev, options.Training);
        var labels = new LabelSet(train.SelectMany(r => r.Labels));
        if (labels.Count == 0) throw new SkTuningException("The training rows have no label at all, expected one or more.");
        var definition = NewDefinition.Of(model, options, MultiLabelObjective.Name, labels, Pairs.AllOrNone(train.Concat(dev)));
        var classifier = new MultiLabelClassifier(new(model, definition));
        return TaskTraining.Run(classifier, () => new(classifier.Encoded(train, "the training rows"), classifier.Encoded(dev, "the dev rows"), heldOut), new MultiLabelObjective(), options.Training, progress, cancel,
            options.TuneThresholds ? () => classifier.Tune(dev) : null);
    }

    /// <summary><see cref="Train"/> on a thread of its own.</summary>
    /// <inheritdoc cref="Train"/>
    public static Task<MultiLabelClassifier> TrainAsync(FrozenModel model, IEnumerable<Row> rows, MultiLabelOptions options, IProgress<TrainingProgress>? progress = null, CancellationToken cancel = default)
        => TaskTraining.OnItsOwnThread(() => Train(model, rows, options, progress, cancel));

    /// <summary>Loads an adapter onto the base that it was trained on.</summary>
    /// <param name="folder">The adapter's folder.</param>
    /// <param name="model">The base.</param>
    /// <exception cref="SkTuningException">The base is another one, the prompt was edited, the task is another, or a file is damaged; the message says which.</exception>
    public static MultiLabelClassifier Load(string folder, FrozenModel model) => new(AdapterRuntime.Load(folder, model, MultiLabelObjective.Name));

    /// <summary>The labels of one text.</summary>
    public MultiLabelPrediction Predict(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Predict([text])[0];
    }

    /// <summary>The labels of many texts, in their order. A text that cannot be read gets a <see cref="MultiLabelPrediction.Error"/> and spoils no other.</summary>
    public IReadOnlyList<MultiLabelPrediction> Predict(IReadOnlyList<string> texts, CancellationToken cancel = default) => PredictPairs([.. texts.Select(t => (t, (string?)null))], cancel);

    /// <summary>The labels of many texts or pairs of texts, in their order. One that cannot be read gets a <see cref="MultiLabelPrediction.Error"/> and spoils no other.</summary>
    public IReadOnlyList<MultiLabelPrediction> PredictPairs(IReadOnlyList<(string Text, string? Text2)> texts, CancellationToken cancel = default)
    {
        var (encoded, errors) = EncodedTexts.Of(Runtime, texts);
        var predictions = new MultiLabelPrediction[texts.Count];
        foreach (var (i, error) in errors) predictions[i] = MultiLabelPrediction.Failed(error);
        if (encoded.Count == 0) return predictions;
        var scores = Probabilities([.. encoded.Select(e => e.Row)], cancel);
        foreach (var ((i, row), probabilities) in encoded.Zip(scores)) predictions[i] = Of(probabilities, row.WasCut);
        return predictions;
    }

    /// <summary>Measures the classifier on labelled rows. A label that it does not know is refused by name.</summary>
    public MultiLabelReport Evaluate(IReadOnlyList<Row> rows, CancellationToken cancel = default)
    {
        if (rows.Count == 0) throw new SkTuningException("There are no rows to evaluate.");
        var encoded = Encoded(rows, "the rows to evaluate");
        var truth = Truth(encoded);
        var scores = Probabilities(encoded, cancel);
        bool[][] predicted = [.. scores.Select(Told)];
        var perLabel = MultiLabelMetrics.PerLabel(truth, predicted);
        return new(rows.Count, MultiLabelMetrics.Micro(truth, predicted), MultiLabelMetrics.Macro(truth, predicted), MultiLabelMetrics.Samples(truth, predicted), MultiLabelMetrics.SubsetAccuracy(truth, predicted),
            MultiLabelMetrics.HammingLoss(truth, predicted), MultiLabelMetrics.RankingAveragePrecision(truth, scores), [.. Labels.Select((l, i) => new ClassScores(l, perLabel[i], truth.Count(t => t[i])))]);
    }

    private void Tune(IReadOnlyList<Row> dev)
    {
        var encoded = Encoded(dev, "the dev rows");
        var thresholds = LabelThresholds.MaximizingF1(Truth(encoded), Probabilities(encoded, CancellationToken.None));
        Runtime.Change(d => d with { Thresholds = thresholds });
    }

    private static bool[][] Truth(IReadOnlyList<EncodedRow> rows) => [.. rows.Select(r => r.Values.Select(v => v > 0.5f).ToArray())];

    private double[][] Probabilities(IReadOnlyList<EncodedRow> rows, CancellationToken cancel)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        return MultiLabelObjective.Probabilities(Runtime.Outputs(rows, cancel));
    }

    private IReadOnlyList<EncodedRow> Encoded(IReadOnlyList<Row> rows, string where) => [.. rows.Select((r, i) => Runtime.Encoder.Encode(r.Text, ReadsPairs ? r.Text2 : null) with { Values = Targets(r, $"{where}, row {i + 1}") })];

    private float[] Targets(Row row, string where)
    {
        var values = new float[Labels.Count];
        foreach (var label in row.Labels) values[Labels.IndexOf(label, where)] = 1;
        return values;
    }

    private bool[] Told(double[] probabilities) => [.. probabilities.Zip(Thresholds, (p, t) => p >= t)];

    private MultiLabelPrediction Of(double[] probabilities, bool wasCut) => new()
    {
        Labels = [.. Told(probabilities).Index().Where(t => t.Item).Select(t => Labels[t.Index])],
        Scores = new OrderedDictionary<string, double>(probabilities.Select((p, c) => KeyValuePair.Create(Labels[c], p))),
        WasCut = wasCut,
    };
}
