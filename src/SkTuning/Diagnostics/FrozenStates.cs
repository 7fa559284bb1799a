using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Heads.Semantic;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Diagnostics;

/// <summary>Reads rows in parts, so that only the results are kept for all of them.</summary>
internal static class FrozenStates
{
    private const int RowsPerPart = 1024;

    /// <summary>Returns the head alone on a model: its features are the states of the frozen model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">The texts of the labels, the template and the limits; the method is ignored.</param>
    /// <param name="labels">The labels.</param>
    /// <param name="pairs">True if rows are pairs.</param>
    public static AdapterModel Open(FrozenModel model, TextClassifierOptions options, IReadOnlyList<string> labels, bool pairs)
        => new(model, AdapterPlan.Create(model, options with { Method = new ProbeOptions() }, SingleLabelTask.Untrained, labels, pairs));

    /// <summary>Returns what a pass computes for each row, [N,..] on the CPU, in the caller's scope.</summary>
    /// <param name="adapter">The adapter that reads the rows.</param>
    /// <param name="rows">The rows, one or more.</param>
    /// <param name="pass">Computes the results of a batch.</param>
    /// <param name="cancellationToken">Cancels between batches.</param>
    /// <exception cref="SkTuningException">A result is not finite.</exception>
    public static Tensor Read(AdapterModel adapter, IReadOnlyList<Row> rows, Func<TokenBatch, Tensor> pass, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        Tensor? all = null;
        var start = 0L;
        foreach (var part in rows.Chunk(RowsPerPart))
        {
            using var inner = NewDisposeScope();
            EncodedRow[] encoded = [.. part.Select(row => adapter.Encoder.Encode(row.Text, adapter.Definition.Pairs ? row.Text2 : null))];
            var results = BatchedPass.Collect(encoded, adapter.Model.Device, pass, CPU, memory: adapter.Tuned.PassMemory, cancellationToken: cancellationToken)
                .to_type(ScalarType.Float32);
            Finite.Require(results, encoded, "rows", adapter.Model.Transformer.ComputesInHalf);
            all ??= empty([rows.Count, .. results.shape[1..]], ScalarType.Float32).MoveToOuterDisposeScope();
            all.narrow(0, start, part.Length).copy_(results);
            start += part.Length;
        }
        return all!.MoveToOuterDisposeScope();
    }

    /// <summary>Returns the pooled states of texts, [N,D] on the CPU, in the caller's scope.</summary>
    public static Tensor Read(AdapterModel adapter, IReadOnlyList<Row> rows, CancellationToken cancellationToken)
        => Read(adapter, rows, adapter.Tuned.BakedFeatures, cancellationToken);

    /// <summary>Returns the map of the features of a model whose head is not trained, as the semantic head computes it from the states of rows.</summary>
    public static FeatureMap Map(FrozenModel model, Tensor states) => model.Config.Causal ? FeatureMap.Standardizing(states) : FeatureMap.Unit;
}
