using SkTuning.Batches;
using SkTuning.Heads.Semantic;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>
/// Computes answers from the states of the model in two steps: features, which do not depend on the head's own trained values unless the head says so, and the
/// readout. The features of rows can therefore be computed once while the head alone is trained. M is the number of answers of a batch: one per row, or one per
/// chosen token.
/// </summary>
internal abstract class Head
{
    /// <summary>The trained tensors.</summary>
    public abstract IReadOnlyList<ParameterSpec> Parameters { get; }

    /// <summary>The tensors that are stored with the trained ones, but computed once and not trained.</summary>
    public virtual IReadOnlyList<ParameterSpec> Constants => [];

    /// <summary>The features depend on the head's own trained values and cannot be cached.</summary>
    public virtual bool TrainsFeatures => false;

    /// <summary>The untrained head already predicts something (label words), and is a candidate for the best.</summary>
    public virtual bool StartMeansSomething => false;

    /// <summary>Returns the number of sequences that go through the model in a training step for each sequence of a row.</summary>
    public virtual int SequencesFor(Objective objective) => 1;

    /// <summary>Returns the number of features of an answer for each of which the model reads the row.</summary>
    public virtual int FeaturesPerAnswer => 1;

    /// <summary>True if a training step reads a batch with a few of the labels' injections only, which the head chooses.</summary>
    public virtual bool ChoosesLabels(TokenBatch batch, Objective objective) => false;

    /// <summary>The model reads more tokens than those of the row: cached states of rows cannot be used.</summary>
    public virtual bool AddsTokens => false;

    /// <summary>Returns the features of a batch, [M,..].</summary>
    public abstract Tensor Features(ForwardPass pass, TokenBatch batch);

    /// <summary>
    /// Returns how the features of rows are mapped where they are compared with each other or with those of labels' texts; null if they cannot be compared.
    /// </summary>
    /// <param name="parameters">The adapter's tensors.</param>
    /// <param name="states">Any tensor on the device and of the type of the states to map.</param>
    public virtual FeatureMap? Map(ParameterSet parameters, Tensor states) => null;

    /// <summary>Returns how the features of rows are mapped where the distances between rows count; null if they are no states of the model.</summary>
    /// <param name="parameters">The adapter's tensors.</param>
    /// <param name="states">Any tensor on the device and of the type of the states to map.</param>
    public virtual FeatureMap? DistanceMap(ParameterSet parameters, Tensor states) => Map(parameters, states);

    /// <summary>Converts features to scores [M,C].</summary>
    public abstract Tensor Readout(Tensor features, ParameterSet parameters);

    /// <summary>Returns the scores of the rows of a batch, [M,C]; the scores of a row's windows are averaged.</summary>
    public Tensor Scores(ForwardPass pass, TokenBatch batch) => batch.OfRows(Readout(Features(pass, batch), pass.Parameters));

    /// <summary>Returns the loss that training minimizes.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="targets">The targets that <see cref="Objective.Targets"/> returns for the rows.</param>
    /// <param name="objective">The objective of the task.</param>
    public virtual Tensor Loss(ForwardPass pass, TokenBatch batch, Tensor targets, Objective objective) => objective.Loss(Scores(pass, batch), targets);
}
