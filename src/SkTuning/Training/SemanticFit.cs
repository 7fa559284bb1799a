using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Heads;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Fits a head exactly to the states of the training rows and of the labels' texts, as the model reads them with its present adapter.</summary>
/// <param name="model">The model.</param>
/// <param name="head">Its head.</param>
/// <param name="objective">The task.</param>
/// <param name="labelTexts">The texts of each label.</param>
/// <param name="device">The device of the model.</param>
/// <param name="shared">What is shared with other trainings on the base; null if nothing is.</param>
internal sealed class SemanticFit(TunedModel model, FittedHead head, Objective objective, IReadOnlyList<IReadOnlyList<EncodedRow>> labelTexts, Device device,
    SharedWork? shared = null)
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
        // Only the untrained states are the same for other trainings.
        Fit(States(train, makeBatch, isFirst, cancellationToken), train, TextStates(cancellationToken), isFirst, cancellationToken);
    }

    /// <summary>Fits the head to states that were computed before.</summary>
    /// <param name="states">The states of the sequences of the rows, [M,D] fp64.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="texts">The states of the texts of each label.</param>
    /// <param name="isFirst">The constants of the feature map are computed, too.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    public void Fit(Tensor states, IReadOnlyList<EncodedRow> rows, IReadOnlyList<Tensor> texts, bool isFirst, CancellationToken cancellationToken)
    {
        if (isFirst) head.Prepare(states, model.Parameters);
        var targets = objective.Ridge(rows) ?? throw new InvalidOperationException($"The task {objective.Task} has no ridge head.");
        head.Fit(states, values => WindowMeans.OfRows(values, rows), targets, texts, model.Parameters, cancellationToken);
    }

    /// <summary>Returns the pooled states of the sequences of rows, [M,D] fp64 on the CPU; the caller's scope owns them.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="makeBatch">Makes the batches.</param>
    /// <param name="mayShare">Other trainings may use the states.</param>
    /// <param name="cancellationToken">Ends the passes with an exception.</param>
    /// <param name="what">What the rows are, for a message.</param>
    public Tensor States(IReadOnlyList<EncodedRow> rows, Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch, bool mayShare,
        CancellationToken cancellationToken, string what = "training rows")
    {
        EncodedRow[] sequences = [.. rows.SelectMany(r => r.Sequences)];
        var states = mayShare && shared is not null && model.FeatureKey is { } key ? shared.Features(key, model, sequences, Make) : Make();
        Finite.Require(states, sequences, what, model.Transformer.ComputesInHalf);
        return states.to_type(ScalarType.Float64);

        Tensor Make() => Collect(sequences, makeBatch, cancellationToken);
    }

    /// <summary>Returns the pooled states of the texts of each label, [n,D] fp64 on the CPU; the caller's scope owns them.</summary>
    public IReadOnlyList<Tensor> TextStates(CancellationToken cancellationToken) => TextStates(labelTexts, cancellationToken);

    /// <summary>Returns the pooled states of groups of texts, each [n,D] fp64 on the CPU; the caller's scope owns them.</summary>
    public IReadOnlyList<Tensor> TextStates(IReadOnlyList<IReadOnlyList<EncodedRow>> groups, CancellationToken cancellationToken)
    {
        if (groups.Count == 0) return [];
        EncodedRow[] texts = [.. groups.SelectMany(t => t)];
        return Collect(texts, TokenBatch.Of, cancellationToken).to_type(ScalarType.Float64).split([.. groups.Select(t => (long)t.Count)]);
    }

    private Tensor Collect(IReadOnlyList<EncodedRow> sequences, Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch,
        CancellationToken cancellationToken)
        => BatchedPass.Collect(sequences, device, model.BakedFeatures, CPU, makeBatch, model.PassMemory, cancellationToken);
}
