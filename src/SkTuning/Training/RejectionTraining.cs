using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Decisions;
using SkTuning.Metrics;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>What a task adds to a training that learns to reject.</summary>
/// <param name="Options">The options.</param>
/// <param name="OutOfScope">Encodes the given rows out of scope.</param>
/// <param name="Temperature">Returns the temperature of the settings.</param>
/// <param name="Apply">Adds a rule to the settings.</param>
internal sealed record RejectionPlan(RejectionOptions Options, Func<AdapterModel, IReadOnlyList<EncodedRow>> OutOfScope, Func<TaskSettings, double> Temperature,
    Func<TaskSettings, RejectionRule, TaskSettings> Apply);

/// <summary>
/// Fits a rejection rule after a training. The threshold is from rows that were not trained on: the dev rows or, without them, the parts of the
/// cross-validation, each scored by an adapter that was trained without it.
/// </summary>
/// <param name="plan">The plan.</param>
/// <param name="rows">The rows of the training.</param>
/// <param name="objective">The task.</param>
internal sealed class RejectionTraining(RejectionPlan plan, TrainingRows rows, Objective objective)
{
    /// <summary>
    /// The number of parts, one of which is not fitted where labels are left out. The fewer rows a head has, the worse are its scores, while distances suffer
    /// little: with few parts, the comparison would not be fair.
    /// </summary>
    private const int HeldOutParts = 10;

    private readonly List<RejectionPart> _ofAdapter = [];
    private IReadOnlyList<int[]> _folds = [];
    private FeatureRows? _scores;

    /// <summary>Refuses a training that measures nothing on rows that were not trained on, and a score that the head has no features for.</summary>
    /// <param name="adapter">The adapter to train.</param>
    /// <param name="isExact">The training has a cross-validation where there are no dev rows.</param>
    /// <param name="folds">The number of parts of it.</param>
    public void Require(AdapterModel adapter, bool isExact, int? folds)
    {
        using var scope = NewDisposeScope();
        var parameters = adapter.Tuned.Parameters;
        plan.Options.RequireFeatures(adapter.Tuned.Head.DistanceMap(parameters, parameters.Values) is not null);
        if (rows.Dev.Count > 0 || isExact && folds != 0) return;
        throw new SkTuningException("A rejection rule needs rows that were not trained on: specify dev rows (TextClassifierOptions.Dev)"
            + (isExact ? ", or 2 or more for TrainingOptions.Folds." : "."));
    }

    /// <summary>Keeps the scores of the head alone, each of rows that it was not fitted to.</summary>
    public void Keep(IReadOnlyList<int[]> folds, Tensor headScores)
        => (_folds, _scores) = (folds, RowFeatures.Split(headScores, (int)headScores.shape[1], []).Scores);

    /// <summary>Keeps what an adapter of the cross-validation computes.</summary>
    public void Keep(AdapterModel adapter, int[] fold, CancellationToken cancellationToken)
    {
        var held = fold.ToHashSet();
        _ofAdapter.Add(new(RowFeatures.Of(adapter, [.. rows.Train.Where((_, i) => !held.Contains(i))], cancellationToken),
            RowFeatures.Of(adapter, [.. fold.Select(i => rows.Train[i])], cancellationToken), OutOfScope(adapter, cancellationToken)));
    }

    /// <summary>Fits the rule.</summary>
    /// <param name="adapter">The adapter that is kept.</param>
    /// <param name="settings">What was decided so far.</param>
    /// <param name="seed">The seed of the folds.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    public (TaskSettings Settings, RejectionReport Report) Fit(AdapterModel adapter, TaskSettings settings, ulong seed, CancellationToken cancellationToken)
    {
        var reference = RowFeatures.Of(adapter, rows.Train, cancellationToken);
        var outside = OutOfScope(adapter, cancellationToken);
        IReadOnlyList<RejectionPart> parts = rows.Dev.Count > 0 ? [new(reference, RowFeatures.Of(adapter, rows.Dev, cancellationToken), outside)]
            : adapter.Tuned.HasAdapter && _ofAdapter.Count > 0 ? _ofAdapter
            : [.. _folds.Select(f => OfHead(reference, f, outside))];
        if (parts.Count == 0) throw new SkTuningException("There are too few different training rows for a rejection rule: add rows.");
        var leftOut = outside is not null || plan.Options.Score is not null ? []
            : new LeftOut(reference, Folds.Of(rows.Train, HeldOutParts, seed)).Parts(Refit(adapter, reference, cancellationToken));
        var rule = new RejectionFit(plan.Options, plan.Temperature(settings)).Fit(reference, parts, leftOut);
        return (plan.Apply(settings, rule), rule.Report!);
    }

    private ScoredRows? OutOfScope(AdapterModel adapter, CancellationToken cancellationToken)
        => plan.OutOfScope(adapter) is { Count: > 0 } outside ? RowFeatures.Of(adapter, outside, cancellationToken) : null;

    /// <summary>The head alone: the features do not depend on the part.</summary>
    private RejectionPart OfHead(ScoredRows all, int[] fold, ScoredRows? outside)
    {
        var held = fold.ToHashSet();
        return new(all.Of([.. Enumerable.Range(0, all.Count).Where(i => !held.Contains(i))]), all.Of(fold) with { Scores = _scores!.Of(fold) }, outside);
    }

    /// <summary>Returns what fits a semantic head to some labels; null for another head.</summary>
    private Func<int[], int[], int[], FeatureRows>? Refit(AdapterModel adapter, ScoredRows all, CancellationToken cancellationToken)
    {
        if (adapter.Tuned.Head is not SemanticHead head || all.Features is not { } features) return null;
        var texts = new SemanticFit(adapter.Tuned, head, objective, AdapterTraining.LabelTexts(adapter), adapter.Model.Device).TextStates(cancellationToken);
        return (labels, fitted, scored) =>
        {
            using var scope = NewDisposeScope();
            using var off = no_grad();
            var targets = objective.Ridge([.. fitted.Select(i => rows.Train[i])])!;
            var some = targets with { Values = targets.Values.index_select(1, tensor(labels.Select(l => (long)l).ToArray())) };
            var scores = head.ScoresOfLabels(Matrix(features.Of(fitted)), some, [.. labels.Select(l => texts[l])], Matrix(features.Of(scored)),
                adapter.Tuned.Parameters, cancellationToken);
            return new(scores.to_type(ScalarType.Float32).contiguous().data<float>().ToArray(), labels.Length);
        };
    }

    private static Tensor Matrix(FeatureRows rows) => tensor(rows.Values).view(rows.Count, rows.Width).to_type(ScalarType.Float64);
}
