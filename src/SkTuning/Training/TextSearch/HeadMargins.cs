using SkTuning.Batches;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Measures what an untrained adapter starts from: an exact head is fitted to the states of the rows and of the labels' texts, and the margins of rows that it
/// was not fitted to are returned.
/// </summary>
/// <param name="folds">The number of parts of the cross-validation, where there are no dev rows.</param>
/// <param name="seed">The seed of the parts.</param>
internal sealed class HeadMargins(int folds, ulong seed)
{
    /// <summary>As in TEMPERA (arXiv 2211.11890): being right counts a little more than being wrong.</summary>
    private const double Right = 2, Wrong = 1.8;

    /// <summary>Returns the margin of each dev row; without dev rows, of each training row with a head that was fitted without it.</summary>
    /// <param name="head">The head.</param>
    /// <param name="texts">The states of the texts of each label; null for the texts of the definition.</param>
    /// <param name="cancellationToken">Ends the fits with an exception.</param>
    public double[] Of(HeadAlone head, IReadOnlyList<Tensor>? texts, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var rows = head.Rows;
        if (rows.Dev.Count > 0)
        {
            head.Fit(texts, cancellationToken);
            return Scaled(head.DevScores(cancellationToken), rows.Dev);
        }
        var parts = Folds.Of(rows.Train, folds, seed);
        return parts.Count > 1 ? Scaled(head.OutOfFold(parts, texts, cancellationToken), rows.Train)
            : throw new SkTuningException("There are no rows to try texts on: expected training rows with different texts, or dev rows.");
    }

    /// <summary>Margins in units of the spread of the scores around their row's mean: the scale of a fitted head says nothing about the texts.</summary>
    internal static double[] Scaled(Tensor scores, IReadOnlyList<EncodedRow> rows)
    {
        using var scope = NewDisposeScope();
        var wide = scores.to_type(ScalarType.Float64);
        return Weighted(wide / (wide - wide.mean([1], keepdim: true)).pow(2.Kept()).mean().sqrt().clamp_min(1e-12.Kept()), rows);
    }

    /// <summary>Returns the score of the right label minus the highest other one, weighted by whether it is positive.</summary>
    /// <param name="scores">The scores, [M,C].</param>
    /// <param name="rows">The rows, each with its class.</param>
    internal static double[] Weighted(Tensor scores, IReadOnlyList<EncodedRow> rows)
    {
        using var scope = NewDisposeScope();
        var (labels, values) = ((int)scores.shape[1], scores.to_type(ScalarType.Float64).contiguous().data<double>().ToArray());
        return [.. rows.Select((row, i) =>
        {
            var own = values.AsSpan(i * labels, labels);
            var (right, other) = (own[row.Classes[0]], double.NegativeInfinity);
            for (var c = 0; c < labels; c++)
                if (c != row.Classes[0]) other = Math.Max(other, own[c]);
            return (right - other) * (right > other ? Right : Wrong);
        })];
    }
}
