using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Measures the model on the dev rows.</summary>
internal sealed class DevEvaluation(TunedModel model, Objective objective, Metric metric, Device device)
{
    /// <summary>Returns the loss and the metric on the dev rows.</summary>
    /// <param name="epoch">The number of the epoch.</param>
    /// <param name="trainLoss">The mean loss of the epoch.</param>
    /// <param name="dev">The dev rows.</param>
    /// <param name="state">Receives the loss of scores that are all zero.</param>
    /// <param name="makeBatch">Makes the batches.</param>
    public EpochResult Run(int epoch, double trainLoss, IReadOnlyList<EncodedRow> dev, TrainingState state,
        Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch)
    {
        var result = Measure(epoch, trainLoss, dev, state, makeBatch);
        AllocatorSettings.GiveBackFreedMemory();                        // these batches are larger than those of a step
        return result;
    }

    private EpochResult Measure(int epoch, double trainLoss, IReadOnlyList<EncodedRow> dev, TrainingState state,
        Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch)
    {
        using var activity = Telemetry.Start("evaluate");
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var outputs = BatchedPass.Collect(dev, device, model.Baked, CPU, makeBatch: makeBatch, memory: model.PassMemory);
        var targets = objective.Targets(dev, CPU);
        if (double.IsNaN(state.ZeroLoss)) state.ZeroLoss = objective.PlainLoss(zeros_like(outputs), targets).item<float>();
        var loss = objective.PlainLoss(outputs, targets).item<float>();
        return new(epoch, trainLoss, loss, metric == Metric.Loss ? loss : objective.Score(metric.Name, outputs, dev), false);
    }
}
