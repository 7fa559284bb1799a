using SkTuning.Classifiers;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Decisions;
using SkTuning.Training;

namespace SkTuning;

/// <summary>Texts that belong to none of the labels.</summary>
public sealed partial class TextClassifier
{
    /// <summary>The number of parts that rows are divided into, so that no row is its own neighbor.</summary>
    private const int RejectionParts = 5;

    /// <summary>
    /// Fits a rule for texts that belong to none of the labels, for a classifier that was trained without one. <see cref="RejectionOptions"/> in the options of
    /// a training do so with the training rows.
    /// </summary>
    /// <param name="rows">
    /// Labeled rows that were not trained on, a few for each label, and rows with the label <see cref="RejectionOptions.OutOfScopeLabel"/> if there are some.
    /// </param>
    /// <param name="options">The options; <see langword="null"/> for the defaults.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <returns>The current decision with the rule: apply it with <see cref="WithDecision"/>.</returns>
    /// <exception cref="SkTuningException">There are too few rows, a label is not known, or the head has no features for the score.</exception>
    public ClassificationDecision FitRejection(IReadOnlyList<Row> rows, RejectionOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        const string Where = "the rows for the rejection rule";
        options ??= new();
        options.Validate();
        using var call = BeginCall();
        RowCheck.NotNull(rows, Where);
        var (inside, outside) = OutOfScopeRows.Divide(rows, options.OutOfScopeLabel);
        if (inside.Count < 2) throw new SkTuningException($"There are too few rows in scope for a rejection rule, found {inside.Count}, expected 2 or more.");
        Labels.IndicesOf(inside, Where);
        var encoded = ((SingleLabelTask)Task).EncodeAll(Adapter, inside, Where, cancellationToken);
        var known = RowFeatures.Of(Adapter, encoded, cancellationToken);
        options.RequireFeatures(known.Features is not null);
        var others = outside.Count == 0 ? null : RowFeatures.Of(Adapter, OutOfScopeRows.Encode(Adapter, outside), cancellationToken);
        var folds = Folds.Of(encoded, RejectionParts, Adapter.Definition.Seed);
        var parts = folds.Select(fold => Part(known, fold, others)).ToList();
        if (parts.Count < 2) throw new SkTuningException("The rows for the rejection rule have the same text: expected different ones.");
        var rule = new RejectionFit(options, Decision.Temperature).Fit(known, parts, others is null ? new LeftOut(known, folds).Parts(null) : []);
        return Decision with { Rejection = rule };
    }

    private static RejectionPart Part(ScoredRows known, int[] fold, ScoredRows? others)
    {
        var held = fold.ToHashSet();
        return new(known.Of([.. Enumerable.Range(0, known.Count).Where(i => !held.Contains(i))]), known.Of(fold), others);
    }
}
