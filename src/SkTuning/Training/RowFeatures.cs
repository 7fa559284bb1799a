using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Decisions;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Computes the scores and the features of rows that a rejection rule reads.</summary>
internal static class RowFeatures
{
    /// <summary>Returns the scores and features of rows, all of which must be finite.</summary>
    public static ScoredRows Of(AdapterModel adapter, IReadOnlyList<EncodedRow> rows, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var outputs = adapter.ScoresWithFeatures(rows, cancellationToken);
        Finite.Require(outputs, rows, "rows", adapter.Model.Transformer.ComputesInHalf);
        return Split(outputs, adapter.Labels.Count, [.. rows.SelectMany(r => r.Classes)]);
    }

    /// <summary>Divides outputs into the scores of the labels and the features, if there are any.</summary>
    /// <param name="outputs">The scores, and beside them the features: [M, C + D] on the CPU.</param>
    /// <param name="labels">C.</param>
    /// <param name="classes">The class of each row; empty for rows out of scope.</param>
    public static ScoredRows Split(Tensor outputs, int labels, int[] classes)
    {
        using var scope = NewDisposeScope();
        var width = (int)outputs.shape[1] - labels;
        return new(new(Values(0, labels), labels), width == 0 ? null : new(Values(labels, width), width), classes);

        float[] Values(long start, long length) => outputs.narrow(1, start, length).to_type(ScalarType.Float32).contiguous().data<float>().ToArray();
    }
}
