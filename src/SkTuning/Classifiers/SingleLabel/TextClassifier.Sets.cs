using SkTuning.Classifiers;
using SkTuning.Classifiers.SingleLabel;
using static TorchSharp.torch;

namespace SkTuning;

/// <summary>Sets of labels that contain the true one with a given probability.</summary>
public sealed partial class TextClassifier
{
    /// <summary>
    /// Calibrates sets of labels, so that <see cref="TextClassifierPrediction.PossibleLabels"/> contain the true label of a row with a given probability
    /// (split conformal prediction, arXiv 2006.02544). No predicted label changes.
    /// </summary>
    /// <param name="coverage">The probability, above 0 and below 1.</param>
    /// <param name="rows">Labeled rows that were not trained on, such as the dev rows. They must come from the same source as the rows to predict.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <returns>The current decision with these sets.</returns>
    /// <exception cref="SkTuningException">There are too few rows for the coverage; the message names the number needed.</exception>
    public ClassificationDecision RequireCoverage(double coverage, IReadOnlyList<Row> rows, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        OptionCheck.That(nameof(TextClassifier), nameof(coverage), coverage, PredictionSets.IsCoverage(coverage), "above 0, below 1");
        const string Where = "the rows to calibrate on";
        SetCalibration.Require(coverage, rows.Count, "rows to calibrate on", "add rows");
        using var call = BeginCall();
        RowCheck.NotNull(rows, Where);
        var encoded = ((SingleLabelTask)Task).EncodeAll(Adapter, rows, Where, cancellationToken);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var scores = Adapter.FiniteScores(encoded, "rows to calibrate on", cancellationToken);
        var sets = SetCalibration.Of(coverage, scores.narrow(1, 0, Labels.Count), encoded, Decision.Temperature, Definition.Seed);
        return Decision with { Sets = sets with { MaxChoices = Decision.Sets?.MaxChoices ?? PredictionSets.DefaultMaxChoices } };
    }
}
