using SkTuning.Data;
using static TorchSharp.torch;

namespace SkTuning.Diagnostics;

/// <summary>Probabilities of rows by heads that were fitted without them, on states that are read once.</summary>
/// <param name="head">The head.</param>
/// <param name="states">The states of the rows, [N,D] fp64.</param>
/// <param name="labels">The labels of the rows.</param>
/// <param name="folds">The indices of the rows of each part.</param>
/// <param name="seed">The seed of the choice of fewer rows.</param>
internal sealed class OutOfFold(HeadOnStates head, Tensor states, int[] labels, IReadOnlyList<int[]> folds, ulong seed)
{
    /// <summary>Returns the probabilities of each row, [N][C].</summary>
    /// <param name="fraction">
    /// The fraction of the rows of each label to fit to, above 0, at most 1. Those of a smaller fraction are among those of a larger one.
    /// </param>
    /// <param name="cancellationToken">Cancels the fits.</param>
    public double[][] Probabilities(double fraction, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var order = Enumerable.Range(0, labels.Length).ToArray();
        new Shuffler(seed).Shuffle<int>(order);
        var all = new double[labels.Length][];
        foreach (var fold in folds)
        {
            var held = fold.ToHashSet();
            int[] rest = [.. order.Where(i => !held.Contains(i)).GroupBy(i => labels[i]).SelectMany(g => Part([.. g], fraction)).Order()];
            var found = head.Probabilities(Of(rest), [.. rest.Select(i => labels[i])], Of(fold), cancellationToken);
            for (var i = 0; i < fold.Length; i++) all[fold[i]] = found[i];
        }
        return all;
    }

    private static int[] Part(int[] rows, double fraction) => rows[..(int)Math.Ceiling(fraction * rows.Length)];

    private Tensor Of(int[] rows) => states.index_select(0, tensor(rows.Select(i => (long)i).ToArray()));
}
