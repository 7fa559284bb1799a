using SkTuning.Metrics;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning;

public sealed partial class TextClassifier
{
    /// <summary>What scores are divided by before they become probabilities; 1 until <see cref="Calibrate"/>.</summary>
    public double Temperature => Runtime.Definition.Temperature ?? 1;

    /// <summary>The confidence from which on a prediction is <see cref="Prediction.IsSure"/>; 0 until it is set.</summary>
    public double SureFrom => Runtime.Definition.SureFrom ?? 0;

    /// <summary>
    /// Makes confidences honest: chooses the temperature at which rows that were not trained on are most likely (arXiv 1706.04599). No label changes. Saved with the adapter.
    /// </summary>
    /// <param name="rows">Labelled rows that were not trained on, such as those of dev.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <returns>The temperature: above 1 where the classifier was too sure of itself.</returns>
    public double Calibrate(IReadOnlyList<Row> rows, CancellationToken cancel = default)
    {
        if (rows.Count == 0) throw new SkTuningException("There are no rows to calibrate on.");
        var truth = Labels.IndicesOf(rows, "the rows to calibrate on");
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var logits = Runtime.Outputs(Encoded(rows), cancel).to_type(ScalarType.Float64).data<double>().ToArray().Chunk(Labels.Count).ToArray();
        var fitted = TemperatureScaling.Fit(truth, logits).Temperature;
        Runtime.Change(d => d with { Temperature = fitted });
        return fitted;
    }

    /// <summary>From now on a prediction below this confidence says that it is not sure. Saved with the adapter.</summary>
    /// <param name="confidence">0 to 1.</param>
    public void BeSureFrom(double confidence)
    {
        if (confidence is not (>= 0 and <= 1)) throw new SkTuningException($"BeSureFrom: the confidence is {confidence}, expected 0 to 1.");
        Runtime.Change(d => d with { SureFrom = confidence });
    }

    /// <summary>
    /// Chooses the confidence from which on predictions are right so often, and says so from now on. The part of the rows that it is sure of is the price.
    /// </summary>
    /// <param name="accuracy">The wanted accuracy among sure predictions, 0 to 1.</param>
    /// <param name="rows">Labelled rows that were not trained on.</param>
    /// <param name="cancel">Stops between batches.</param>
    /// <returns>Confidence, part of the rows and their accuracy; null, with nothing changed, when no confidence reaches it.</returns>
    public CoveragePoint? BeSureFor(double accuracy, IReadOnlyList<Row> rows, CancellationToken cancel = default)
    {
        var point = Coverage(rows, cancel).ForAccuracy(accuracy);
        if (point is not null) BeSureFrom(point.Threshold);
        return point;
    }

    /// <summary>How accuracy rises when the classifier may keep silent on what it is less sure of.</summary>
    public CoverageCurve Coverage(IReadOnlyList<Row> rows, CancellationToken cancel = default)
    {
        if (rows.Count == 0) throw new SkTuningException("There are no rows to measure on.");
        Labels.IndicesOf(rows, "the rows to measure on");
        var predictions = PredictPairs([.. rows.Select(r => (r.Text, r.Text2))], cancel);
        return CoverageCurve.Of([.. rows.Zip(predictions, (row, p) => p.Label == row.Label)], [.. predictions.Select(p => p.Confidence)]);
    }
}
