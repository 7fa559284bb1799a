using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>How well a classifier rejects texts that belong to none of its labels, and what this costs the others.</summary>
public sealed record RejectionReport
{
    private static readonly double[] CurveFractions = [.. Enumerable.Range(0, 20).Select(i => i / 100.0), .. Enumerable.Range(4, 7).Select(i => i / 20.0)];

    /// <summary>Gets the score that decides.</summary>
    public required RejectionScore Score { get; init; }

    /// <summary>Gets the threshold: a text with a higher score is out of scope.</summary>
    public required double Threshold { get; init; }

    /// <summary>Gets the number of rows in scope.</summary>
    public required int InScopeRows { get; init; }

    /// <summary>Gets the number of rows out of scope; 0 if there are none.</summary>
    public required int OutOfScopeRows { get; init; }

    /// <summary>Gets the accuracy on the rows in scope if all of them are answered.</summary>
    public required double Accuracy { get; init; }

    /// <summary>Gets the accuracy on the rows in scope that are answered; NaN if there are none.</summary>
    public required double AnsweredAccuracy { get; init; }

    /// <summary>Gets the fraction of the rows in scope that are rejected. For them, this is an error.</summary>
    public required double InScopeRejected { get; init; }

    /// <summary>Gets the fraction of the rows out of scope that are rejected; <see langword="null"/> if there are none.</summary>
    public double? OutOfScopeRejected { get; init; }

    /// <summary>
    /// Gets the probability that a row out of scope has a higher score than one in scope, which does not depend on the threshold; <see langword="null"/> if
    /// there are no rows out of scope.
    /// </summary>
    public double? Auroc { get; init; }

    /// <summary>
    /// Gets the fraction of the rows out of scope that are kept with a threshold that keeps 95 % of the rows in scope; <see langword="null"/> if there are no
    /// rows out of scope.
    /// </summary>
    public double? FalsePositiveRate { get; init; }

    /// <summary>
    /// Gets the AUROC by which the score was chosen, for each score that was tried: on the given rows out of scope, or on training labels that were treated as
    /// out of scope. Empty in an evaluation.
    /// </summary>
    public IReadOnlyDictionary<RejectionScore, double> Candidates { get; init; } = new Dictionary<RejectionScore, double>();

    /// <summary>Gets what other thresholds would give, from the one that rejects no row in scope to one that rejects half of them.</summary>
    public IReadOnlyList<RejectionPoint> Curve { get; init; } = [];

    /// <summary>Measures scores.</summary>
    /// <param name="score">The score.</param>
    /// <param name="threshold">The threshold.</param>
    /// <param name="inScope">The scores of the rows in scope.</param>
    /// <param name="right">Whether the prediction of each of them is correct.</param>
    /// <param name="outOfScope">The scores of the rows out of scope; can be empty.</param>
    internal static RejectionReport Of(RejectionScore score, double threshold, IReadOnlyList<double> inScope, IReadOnlyList<bool> right,
        IReadOnlyList<double> outOfScope)
    {
        Check.Rows("Rejection report", right.Count, inScope.Count);
        var hasOthers = outOfScope.Count > 0;
        var at = Point(threshold);
        return new()
        {
            Score = score,
            Threshold = threshold,
            InScopeRows = inScope.Count,
            OutOfScopeRows = outOfScope.Count,
            Accuracy = right.Count(r => r) / (double)right.Count,
            AnsweredAccuracy = at.AnsweredAccuracy,
            InScopeRejected = at.InScopeRejected,
            OutOfScopeRejected = at.OutOfScopeRejected,
            Auroc = hasOthers ? OutOfScopeMetrics.Auroc(inScope, outOfScope) : null,
            FalsePositiveRate = hasOthers ? OutOfScopeMetrics.FalsePositiveRate(inScope, outOfScope) : null,
            Curve = [.. CurveFractions.Select(f => OutOfScopeMetrics.Threshold(inScope, f)).Distinct().Select(Point)],
        };

        RejectionPoint Point(double threshold)
        {
            var kept = Enumerable.Range(0, inScope.Count).Where(i => inScope[i] <= threshold).ToList();
            return new(threshold, 1 - kept.Count / (double)inScope.Count, kept.Count == 0 ? double.NaN : kept.Count(i => right[i]) / (double)kept.Count,
                hasOthers ? outOfScope.Count(s => s > threshold) / (double)outOfScope.Count : null);
        }
    }

    /// <summary>Returns the report as JSON. A metric that is NaN is null.</summary>
    public JsonObject ToJson() => new()
    {
        ["score"] = Score.ToString(),
        ["threshold"] = ReportJson.Number(Threshold),
        ["inScopeRows"] = InScopeRows,
        ["outOfScopeRows"] = OutOfScopeRows,
        ["accuracy"] = ReportJson.Number(Accuracy),
        ["answeredAccuracy"] = ReportJson.Number(AnsweredAccuracy),
        ["inScopeRejected"] = InScopeRejected,
        ["outOfScopeRejected"] = OutOfScopeRejected,
        ["auroc"] = Auroc,
        ["falsePositiveRate"] = FalsePositiveRate,
        ["candidates"] = Candidates.Count == 0 ? null
            : new JsonObject(Candidates.OrderBy(c => c.Key).Select(c => KeyValuePair.Create(c.Key.ToString(), ReportJson.Number(c.Value)))),
        ["curve"] = new JsonArray([.. Curve.Select(p => new JsonObject
        {
            ["threshold"] = ReportJson.Number(p.Threshold),
            ["inScopeRejected"] = p.InScopeRejected,
            ["answeredAccuracy"] = ReportJson.Number(p.AnsweredAccuracy),
            ["outOfScopeRejected"] = p.OutOfScopeRejected,
        })]),
    };

    /// <summary>Returns the report as a few lines of text.</summary>
    public override string ToString()
    {
        var text = new StringBuilder().Append(CultureInfo.InvariantCulture,
            $"Rejected by {Score}: {InScopeRejected:P1} of {InScopeRows} rows in scope (accuracy {Accuracy:F3} before, {AnsweredAccuracy:F3} after)");
        if (OutOfScopeRejected is { } rejected)
        {
            text.AppendLine().Append(CultureInfo.InvariantCulture,
                $"and {rejected:P1} of {OutOfScopeRows} rows out of scope (AUROC {Auroc:F3}, FPR at 95 % TPR {FalsePositiveRate:F3})");
        }
        return text.ToString();
    }
}

/// <summary>What a threshold of a <see cref="RejectionReport"/> gives.</summary>
/// <param name="Threshold">The threshold: texts with a higher score are rejected.</param>
/// <param name="InScopeRejected">The fraction of the rows in scope that are rejected.</param>
/// <param name="AnsweredAccuracy">The accuracy on the others; NaN if there are none.</param>
/// <param name="OutOfScopeRejected">The fraction of the rows out of scope that are rejected; <see langword="null"/> if there are none.</param>
public sealed record RejectionPoint(double Threshold, double InScopeRejected, double AnsweredAccuracy, double? OutOfScopeRejected);
