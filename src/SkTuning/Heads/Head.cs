using SkTuning.Batches;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>
/// What makes answers of the model's states, in two steps: features, which no trained value of the head is part of unless it says so, and the readout. Features of rows can
/// therefore be kept while the head alone is trained. M stands for the answers of a batch: one a row, or one for each chosen token.
/// </summary>
internal abstract class Head
{
    /// <summary>What is trained.</summary>
    public abstract IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>The head's own trained values are part of its features: they cannot be kept.</summary>
    public virtual bool TrainsFeatures => false;

    /// <summary>Its start says something (label words): it is a candidate when the best is chosen.</summary>
    public virtual bool StartMeansSomething => false;

    /// <summary>Sequences that go through the model for each of a row's in a training step.</summary>
    public virtual int SequencesFor(Objective objective) => 1;

    /// <summary>The model reads other tokens than the row's: states of rows that are kept do not serve.</summary>
    public virtual bool AddsTokens => false;

    /// <summary>The batch's features, [M,..].</summary>
    public abstract Tensor Features(ForwardPass pass, TokenBatch batch);

    /// <summary>Features to scores [M,C].</summary>
    public abstract Tensor Readout(Tensor features, ParameterSet parameters);

    /// <summary>Scores of the batch's rows, [M,C]; of a row in several windows their mean.</summary>
    public Tensor Scores(ForwardPass pass, TokenBatch batch) => batch.OfRows(Readout(Features(pass, batch), pass.Parameters));

    /// <summary>The loss that training follows.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="batch">Rows.</param>
    /// <param name="targets">What <see cref="Objective.Targets"/> makes of them.</param>
    /// <param name="objective">The task's own loss.</param>
    public virtual Tensor Loss(ForwardPass pass, TokenBatch batch, Tensor targets, Objective objective) => objective.Loss(Scores(pass, batch), targets);
}
