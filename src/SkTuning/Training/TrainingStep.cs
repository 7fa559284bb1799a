using SkTuning.Data;
using SkTuning.Tuning;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Training;

/// <summary>One step: loss, gradient, clipping to a global norm, update.</summary>
internal sealed class TrainingStep(TunedModel model, AdamW optimizer, double clipNorm)
{
    /// <returns>The loss before the update, and the gradient's norm before clipping. A loss or norm that is not finite leaves the parameters as they are.</returns>
    public (double Loss, double GradientNorm) Take(TokenBatch batch, Tensor labels, double learningRate)
    {
        using var scope = NewDisposeScope();
        var parameters = model.Parameters;
        parameters.Gradients.zero_();
        var loss = F.cross_entropy(model.Live(batch), labels);
        loss.backward();
        var norm = parameters.Gradients.norm().item<float>();
        var value = loss.item<float>();
        if (float.IsFinite(norm) && float.IsFinite(value)) optimizer.Step(learningRate, Math.Min(1, clipNorm / (norm + 1e-6)));
        return (value, norm);
    }
}
