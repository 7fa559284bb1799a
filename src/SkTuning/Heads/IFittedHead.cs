using SkTuning.Batches;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Heads;

/// <summary>A head that is fitted exactly to the states of the training rows and of the labels' texts: before training, and again after it.</summary>
internal interface IFittedHead
{
    /// <summary>Computes the constants from the states of the training rows, [M,D].</summary>
    void Prepare(Tensor states, ParameterSet parameters);

    /// <summary>Fits the head.</summary>
    /// <param name="states">The states of the training rows, [M,D] fp64.</param>
    /// <param name="meanOfRows">Converts values of windows to those of rows.</param>
    /// <param name="targets">The targets of the rows.</param>
    /// <param name="texts">For each label, the states of its texts, [n,D] fp64.</param>
    /// <param name="parameters">Receives the fitted values.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    void Fit(Tensor states, Func<Tensor, Tensor> meanOfRows, RidgeTargets targets, IReadOnlyList<Tensor> texts, ParameterSet parameters,
        CancellationToken cancellationToken);
}
