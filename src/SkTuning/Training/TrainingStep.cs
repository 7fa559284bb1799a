using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>One step: loss, gradient, clipping to a global norm, update. The batch may be split into parts, whose gradients are summed.</summary>
internal sealed class TrainingStep(TunedModel model, Optimizer optimizer, double maxGradientNorm, Objective objective)
{
    private const double NormEpsilon = 1e-6;

    /// <summary>The factor on gradients that pass through fp16, where values below 6e-8 are lost. The largest value, 65,504, is far away.</summary>
    private readonly double _scale = model.Transformer.ComputesInHalf ? 1024 : 1;

    /// <summary>Takes a step. If the loss or the norm is not finite, the parameters stay unchanged.</summary>
    /// <returns>The loss before the update, and the norm of the gradient before clipping.</returns>
    public (double Loss, double GradientNorm) Take(TokenBatch batch, Tensor targets, double adapterRate, double headRate)
    {
        using var scope = NewDisposeScope();
        Start();
        return Finish(Add(batch, targets, 1), adapterRate, headRate);
    }

    /// <summary>Clears the gradients and the failure of the previous step.</summary>
    public void Start()
    {
        BackwardFailure.Forget();
        model.Parameters.Gradients.zero_();
    }

    /// <summary>Adds the gradients of a part of the batch.</summary>
    /// <param name="batch">The part.</param>
    /// <param name="targets">The targets of the part.</param>
    /// <param name="share">The weight of the part in the mean over the batch.</param>
    /// <returns>The part's contribution to the loss of the batch.</returns>
    public Tensor Add(TokenBatch batch, Tensor targets, double share)
    {
        using var scope = NewDisposeScope();
        var loss = model.Loss(batch, targets, objective);
        if (share != 1) loss = loss * share.Kept();
        (_scale == 1 ? loss : loss * _scale.Kept()).backward();
        BackwardFailure.Throw();
        return loss.detach().MoveToOuterDisposeScope();
    }

    /// <summary>Clips the gradients, updates the parameters, and reads the loss and the norm.</summary>
    public (double Loss, double GradientNorm) Finish(Tensor loss, double adapterRate, double headRate)
    {
        Unscale();
        var norm = model.Parameters.Gradients.norm().item<float>();
        var value = loss.item<float>();
        if (float.IsFinite(norm) && float.IsFinite(value))
            optimizer.Step(adapterRate, headRate, Math.Min(1, maxGradientNorm / (norm + NormEpsilon)));
        return (value, norm);
    }

    /// <summary>Does the same as <see cref="Finish"/> without waiting for the device.</summary>
    /// <returns>The loss and the norm, [2] on the device; the caller's scope owns them.</returns>
    public Tensor FinishLater(Tensor loss, double adapterRate, double headRate)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        Unscale();
        var gradients = model.Parameters.Gradients;
        var norm = gradients.norm();
        var isFinite = norm.isfinite().logical_and(loss.isfinite());
        gradients.nan_to_num_(0, 0, 0);
        var scale = (maxGradientNorm.Kept() / norm.Plus(NormEpsilon.Kept())).clamp_max(1.Kept()).nan_to_num(0, 0, 0);
        optimizer.Step(adapterRate, headRate, scale * isFinite.to_type(ScalarType.Float32));
        return stack([loss, norm]).MoveToOuterDisposeScope();
    }

    private void Unscale()
    {
        if (_scale != 1) model.Parameters.Gradients.mul_((1 / _scale).Kept());
    }
}
