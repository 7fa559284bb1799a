using SkTuning.Data;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Diagnostics;

/// <summary>Finds rows with nearly the same text and different labels.</summary>
internal static class SimilarRows
{
    /// <summary>The cosine from which texts are nearly the same.</summary>
    private const double Similar = 0.95;

    /// <summary>The number of rows up to which every row is compared with every other; of more rows, only equal texts are found.</summary>
    public const int MaxCompared = 20_000;

    private const int RowsPerBlock = 256;

    /// <summary>Returns the pairs, the most similar first: for each row, at most the most similar one of another label, and those with equal texts.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="features">Their features of unit length, [N,D].</param>
    /// <param name="cancellationToken">Cancels between blocks.</param>
    public static IReadOnlyList<LabelConflict> Of(IReadOnlyList<Row> rows, int[] labels, Tensor features, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var pairs = new HashSet<(int, int)>();
        foreach (var equal in EqualTexts.Units(rows.Count, i => EqualTexts.Key(rows[i])))
            if (equal.FirstOrDefault(i => labels[i] != labels[equal[0]], -1) is >= 0 and var other) pairs.Add((equal[0], other));
        for (var start = 0; start < rows.Count && rows.Count <= MaxCompared; start += RowsPerBlock)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            var count = Math.Min(RowsPerBlock, rows.Count - start);
            var of = tensor(labels.Select(l => (long)l).ToArray());
            var cosines = features.narrow(0, start, count).mm(features.t());
            cosines.masked_fill_(of.narrow(0, start, count).unsqueeze(1).eq(of), (-1).Kept());
            var (values, indices) = cosines.max(1);
            var (best, nearest) = (values.to_type(ScalarType.Float64).data<double>().ToArray(), indices.data<long>().ToArray());
            for (var i = 0; i < count; i++)
                if (best[i] >= Similar) pairs.Add((Math.Min(start + i, (int)nearest[i]), Math.Max(start + i, (int)nearest[i])));
        }
        return [.. pairs.Select(p => new LabelConflict(p.Item1, p.Item2, rows[p.Item1], rows[p.Item2], Cosine(p.Item1, p.Item2)))
            .OrderByDescending(p => p.Similarity).ThenBy(p => p.Index).ThenBy(p => p.OtherIndex)];

        double Cosine(int a, int b)
        {
            using var inner = NewDisposeScope();
            return Math.Min(1, (features[a] * features[b]).sum().to_type(ScalarType.Float64).item<double>());
        }
    }
}
