using SkTuning.Data;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>One step: loss, gradient, clipping to a global norm, update.</summary>
internal sealed class TrainingStep(TunedModel model, AdamW optimizer, double clipNorm, Objective objective)
{
    /// <returns>The loss before the update, and the gradient's norm before clipping. A loss or norm that is not finite leaves the parameters as they are.</returns>
    public (double Loss, double GradientNorm) Take(TokenBatch batch, Tensor targets, double adapterRate, double headRate)
    {
        using var scope = NewDisposeScope();
        var parameters = model.Parameters;
        parameters.Gradients.zero_();
        var loss = model.Loss(batch, targets, objective);
        loss.backward();
        var norm = parameters.Gradients.norm().item<float>();
        var value = loss.item<float>();
        if (float.IsFinite(norm) && float.IsFinite(value)) optimizer.Step(adapterRate, headRate, Math.Min(1, clipNorm / (norm + 1e-6)));
        return (value, norm);
    }
}
