using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads.LabelTexts;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Computes what a head of label texts stores from the texts, as the model reads them with its present adapter.</summary>
/// <param name="model">The model.</param>
/// <param name="head">Its head.</param>
/// <param name="labelTexts">The texts of each label.</param>
/// <param name="device">The device of the model.</param>
internal sealed class LabelTextsFit(TunedModel model, LabelTextsHead head, IReadOnlyList<IReadOnlyList<EncodedRow>> labelTexts, Device device)
{
    /// <summary>The maximum number of rows that the accuracy of the nearest label is measured on.</summary>
    private const int MaxMeasured = 1000;

    /// <summary>Computes the feature map from the states of the training rows under the untrained adapter.</summary>
    public void Prepare(IReadOnlyList<EncodedRow> train, Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        EncodedRow[] sequences = [.. train.SelectMany(r => r.Sequences)];
        var states = States(model, sequences, device, makeBatch, cancellationToken);
        Finite.Require(states, sequences, "training rows", model.Transformer.ComputesInHalf);
        head.Prepare(states, model.Parameters);
    }

    /// <summary>Computes the anchors of the labels.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        EncodedRow[] texts = [.. labelTexts.SelectMany(t => t)];
        var states = States(model, texts, device, TokenBatch.Of, cancellationToken);
        head.Fit(states.split([.. labelTexts.Select(t => (long)t.Count)]), model.Parameters);
    }

    /// <summary>Returns the mean over the labels of the fraction of their training rows to which their own texts are the nearest.</summary>
    public double Accuracy(IReadOnlyList<EncodedRow> train, Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch, CancellationToken cancellationToken)
    {
        var measured = Math.Min(train.Count, MaxMeasured);
        EncodedRow[] rows = [.. Enumerable.Range(0, measured).Select(i => train[(int)((long)i * train.Count / measured)])];
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var scores = BatchedPass.Collect(rows, device, model.Baked, CPU, makeBatch, model.PassMemory, cancellationToken);
        var nearest = scores.argmax(1).data<long>().ToArray();
        return rows.Index().GroupBy(r => r.Item.Classes[0]).Average(g => g.Average(r => nearest[r.Index] == g.Key ? 1.0 : 0.0));
    }

    /// <summary>Returns the pooled states of sequences, [M,D] fp64 on the CPU, in the caller's scope.</summary>
    public static Tensor States(TunedModel model, IReadOnlyList<EncodedRow> sequences, Device device,
        Func<IReadOnlyList<EncodedRow>, Device, TokenBatch>? makeBatch = null, CancellationToken cancellationToken = default)
    {
        using var off = no_grad();
        return BatchedPass.Collect(sequences, device, model.BakedFeatures, CPU, makeBatch, model.PassMemory, cancellationToken).to_type(ScalarType.Float64);
    }
}
