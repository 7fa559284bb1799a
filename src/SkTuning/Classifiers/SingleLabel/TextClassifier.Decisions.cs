using SkTuning.Classifiers;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Metrics;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>Deciding: calibrated confidences, and when to answer at all.</summary>
public sealed partial class TextClassifier
{
    /// <summary>Gets the decision: how scores become confidences and answers.</summary>
    public ClassificationDecision Decision => ((SingleLabelSettings)Definition.Task).Decision;

    /// <summary>
    /// Returns a classifier with another decision. It shares the adapter with this one, dispose both; <see cref="TunedAdapter.Save"/>
    /// stores the decision with the adapter. A run folder keeps the adapter as it was trained.
    /// </summary>
    /// <param name="decision">The decision.</param>
    /// <exception cref="SkTuningException">A value of the decision is out of its range.</exception>
    public TextClassifier WithDecision(ClassificationDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        decision.Validate();
        using var call = BeginOwnCall();
        return new(Adapter.Retain(), Definition with { Task = new SingleLabelSettings(decision) }, Report);
    }

    /// <summary>
    /// Fits the temperature at which the labels of rows are most likely, so that confidences match accuracies (arXiv 1706.04599). No predicted label changes.
    /// </summary>
    /// <param name="rows">Labeled rows that were not trained on, such as the dev rows.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <returns>The current decision with the fitted temperature: above 1 if the classifier is overconfident.</returns>
    public ClassificationDecision Calibrate(IReadOnlyList<Row> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        const string Where = "the rows to calibrate on";
        if (rows.Count == 0) throw new SkTuningException("There are no rows to calibrate on.");
        using var call = BeginCall();
        RowCheck.NotNull(rows, Where);
        var truth = Labels.IndicesOf(rows, Where);
        var encoded = ((SingleLabelTask)Task).EncodeAll(Adapter, rows, Where, cancellationToken);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var scores = Adapter.FiniteScores(encoded, "rows to calibrate on", cancellationToken).to_type(ScalarType.Float64).data<double>().ToArray()
            .Chunk(Labels.Count).ToArray();
        return Decision with { Temperature = TemperatureScaling.Fit(truth, scores).Temperature };
    }

    /// <summary>Finds the lowest confidence above which predictions reach an accuracy.</summary>
    /// <param name="accuracy">The accuracy that confident predictions must have, from 0 to 1.</param>
    /// <param name="rows">Labeled rows that were not trained on.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <returns>
    /// The current decision with that threshold; <see langword="null"/> if no confidence reaches the accuracy.
    /// <see cref="Coverage"/> says how many rows stay below it.
    /// </returns>
    public ClassificationDecision? RequireAccuracy(double accuracy, IReadOnlyList<Row> rows, CancellationToken cancellationToken = default)
        => Coverage(rows, cancellationToken).ForAccuracy(accuracy) is { } point ? Decision with { ConfidenceThreshold = point.Threshold } : null;

    /// <summary>Measures how the accuracy rises if the classifier does not answer when it is less confident.</summary>
    /// <param name="rows">Labeled rows that were not trained on.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    public CoverageCurve Coverage(IReadOnlyList<Row> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        if (rows.Count == 0) throw new SkTuningException("There are no rows to measure on.");
        RowCheck.NotNull(rows, "the rows to measure on");
        using var call = BeginCall();
        Labels.IndicesOf(rows, "the rows to measure on");
        var predictions = PredictReadable(rows, cancellationToken);
        return CoverageCurve.Of([.. rows.Zip(predictions, (row, p) => p.Label == row.Label)], [.. predictions.Select(p => p.Confidence)]);
    }
}
