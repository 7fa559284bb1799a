using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Fits a semantic head to the states of the training rows and of the labels' texts, as the model reads them with its present adapter.</summary>
/// <param name="model">The model.</param>
/// <param name="head">Its head.</param>
/// <param name="objective">The task.</param>
/// <param name="labelTexts">The texts of each label.</param>
/// <param name="device">The device of the model.</param>
internal sealed class SemanticFit(TunedModel model, SemanticHead head, Objective objective, IReadOnlyList<IReadOnlyList<EncodedRow>> labelTexts, Device device)
{
    /// <summary>Fits the head.</summary>
    /// <param name="train">The training rows.</param>
    /// <param name="isFirst">The adapter is untrained: the constants of the feature map are computed, too.</param>
    /// <param name="makeBatch">Makes the batches of the training rows.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    public void Run(IReadOnlyList<EncodedRow> train, bool isFirst, Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch,
        CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        EncodedRow[] sequences = [.. train.SelectMany(r => r.Sequences)];
        var states = States(sequences, makeBatch, cancellationToken);
        Finite.Require(states, sequences, "training rows", model.Transformer.ComputesInHalf);
        if (isFirst) head.Prepare(states, model.Parameters);
        EncodedRow[] texts = [.. labelTexts.SelectMany(t => t)];
        var ofTexts = States(texts, TokenBatch.Of, cancellationToken).split([.. labelTexts.Select(t => (long)t.Count)]);
        var targets = objective.Ridge(train) ?? throw new InvalidOperationException($"The task {objective.Task} has no ridge head.");
        head.Fit(states, values => WindowMeans.OfRows(values, train), targets, ofTexts, model.Parameters, cancellationToken);
    }

    /// <summary>Returns the pooled states of sequences, [M,D] fp64 on the CPU.</summary>
    private Tensor States(IReadOnlyList<EncodedRow> sequences, Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch,
        CancellationToken cancellationToken)
        => BatchedPass.Collect(sequences, device, model.BakedFeatures, CPU, makeBatch, model.PassMemory, cancellationToken).to_type(ScalarType.Float64);
}
