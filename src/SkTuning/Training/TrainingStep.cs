using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>One step: loss, gradient, clipping to a global norm, update. The batch may come in parts, whose gradients are added up.</summary>
internal sealed class TrainingStep(TunedModel model, Optimizer optimizer, double clipNorm, Objective objective)
{
    private const double NormEpsilon = 1e-6;

    /// <summary>What gradients are multiplied by on their way through fp16: what is below 6e-8 would be lost there. Far from its largest value, 65,504.</summary>
    private readonly double _scale = model.Transformer.ComputesInHalf ? 1024 : 1;

    /// <returns>The loss before the update, and the gradient's norm before clipping. A loss or norm that is not finite leaves the parameters as they are.</returns>
    public (double Loss, double GradientNorm) Take(TokenBatch batch, Tensor targets, double adapterRate, double headRate)
    {
        using var scope = NewDisposeScope();
        Start();
        return Finish(Add(batch, targets, 1), adapterRate, headRate);
    }

    /// <summary>Forgets the gradients of the step before, and what went wrong in it.</summary>
    public void Start()
    {
        BackwardFailure.Forget();
        model.Parameters.Gradients.zero_();
    }

    /// <summary>Adds the gradients of a part of the batch.</summary>
    /// <param name="batch">The part.</param>
    /// <param name="targets">Its targets.</param>
    /// <param name="share">What the part counts in the mean over the batch.</param>
    /// <returns>What it adds to the batch's loss.</returns>
    public Tensor Add(TokenBatch batch, Tensor targets, double share)
    {
        using var scope = NewDisposeScope();
        var loss = model.Loss(batch, targets, objective);
        if (share != 1) loss = loss * share.Kept();
        (_scale == 1 ? loss : loss * _scale.Kept()).backward();
        BackwardFailure.Throw();
        return loss.detach().MoveToOuterDisposeScope();
    }

    /// <summary>Clips and updates, and reads what came of it.</summary>
    public (double Loss, double GradientNorm) Finish(Tensor loss, double adapterRate, double headRate)
    {
        Unscale();
        var norm = model.Parameters.Gradients.norm().item<float>();
        var value = loss.item<float>();
        if (float.IsFinite(norm) && float.IsFinite(value)) optimizer.Step(adapterRate, headRate, Math.Min(1, clipNorm / (norm + NormEpsilon)));
        return (value, norm);
    }

    /// <summary>The same without waiting for a device to have computed it.</summary>
    /// <returns>Loss and norm, [2] on the device; the caller's scope owns it.</returns>
    public Tensor FinishLater(Tensor loss, double adapterRate, double headRate)
    {
        using var off = no_grad();
        using var scope = NewDisposeScope();
        Unscale();
        var gradients = model.Parameters.Gradients;
        var norm = gradients.norm();
        var good = norm.isfinite().logical_and(loss.isfinite());
        gradients.nan_to_num_(0, 0, 0);
        optimizer.Step(adapterRate, headRate, (clipNorm.Kept() / norm.Plus(NormEpsilon.Kept())).clamp_max(1.Kept()).nan_to_num(0, 0, 0) * good.to_type(ScalarType.Float32));
        return stack([loss, norm]).MoveToOuterDisposeScope();
    }

    private void Unscale()
    {
        if (_scale != 1) model.Parameters.Gradients.mul_((1 / _scale).Kept());
    }
}
