using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>
/// Measures a prompt before anything is trained but the head: the model reads the rows after the prompt, and an exact head is fitted to the states. Rows are
/// tokenized once for all prompts.
/// </summary>
/// <param name="model">The base.</param>
/// <param name="objective">The task.</param>
/// <param name="encode">Encodes the rows for an adapter.</param>
/// <param name="folds">The number of parts of the cross-validation, where there are no dev rows.</param>
/// <param name="seed">The seed of the parts.</param>
/// <param name="shared">What is shared with trainings on the base.</param>
internal sealed class PromptMargins(FrozenModel model, Objective objective, Func<AdapterModel, TrainingRows> encode, int folds, ulong seed, SharedWork shared)
{
    /// <summary>As in TEMPERA (arXiv 2211.11890): being right counts a little more than being wrong.</summary>
    private const double Right = 2, Wrong = 1.8;

    /// <summary>Returns the margin of each dev row; without dev rows, of each training row with a head that was fitted without it.</summary>
    /// <param name="definition">The adapter with the prompt.</param>
    /// <param name="cancellationToken">Ends the passes with an exception.</param>
    public double[] Of(AdapterDefinition definition, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        TrainingRows rows = null!;
        using var head = new HeadAlone(model, definition, adapter => rows = encode(adapter), objective, shared);
        if (rows.Dev.Count > 0)
        {
            head.Fit(cancellationToken);
            return Margins(head.DevScores(cancellationToken), rows.Dev);
        }
        var parts = Folds.Of(rows.Train, folds, seed);
        return parts.Count > 1 ? Margins(head.OutOfFold(parts, null, cancellationToken), rows.Train)
            : throw new SkTuningException("There are no rows to try prompts on: expected training rows with different texts, or dev rows.");
    }

    /// <summary>Margins are in units of the spread of the scores around their row's mean: the scale of a fitted head says nothing about the prompt.</summary>
    internal static double[] Margins(Tensor scores, IReadOnlyList<EncodedRow> rows)
    {
        using var scope = NewDisposeScope();
        var wide = scores.to_type(ScalarType.Float64);
        var spread = (wide - wide.mean([1], keepdim: true)).pow(2.Kept()).mean().sqrt().clamp_min(1e-12.Kept());
        var (labels, values) = ((int)scores.shape[1], (wide / spread).contiguous().data<double>().ToArray());
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
