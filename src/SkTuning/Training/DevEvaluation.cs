using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training;

/// <summary>Measures the model on the dev rows.</summary>
internal sealed class DevEvaluation(TunedModel model, Objective objective, Metric metric, Device device)
{
    /// <summary>The number of dev rows whose scores were not finite in the last evaluation.</summary>
    public int NotFinite { get; private set; }

    /// <summary>Returns the loss and the metric on the dev rows; NaN if the scores of some are not finite.</summary>
    /// <param name="epoch">The number of the epoch.</param>
    /// <param name="trainLoss">The mean loss of the epoch.</param>
    /// <param name="dev">The dev rows.</param>
    /// <param name="makeBatch">Makes the batches.</param>
    public EpochResult Run(int epoch, double trainLoss, IReadOnlyList<EncodedRow> dev,
        Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch)
    {
        var result = Measure(epoch, trainLoss, dev, makeBatch);
        AllocatorSettings.GiveBackFreedMemory();                        // these batches are larger than those of a step
        return result;
    }

    private EpochResult Measure(int epoch, double trainLoss, IReadOnlyList<EncodedRow> dev,
        Func<IReadOnlyList<EncodedRow>, Device, TokenBatch> makeBatch)
    {
        using var activity = Telemetry.Start("evaluate");
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var outputs = BatchedPass.Collect(dev, device, model.Baked, CPU, makeBatch: makeBatch, memory: model.PassMemory);
        NotFinite = Finite.CountBad(outputs, dev);
        if (NotFinite > 0) return new(epoch, trainLoss, double.NaN, double.NaN, false);
        var loss = objective.PlainLoss(outputs, objective.Targets(dev, CPU)).item<float>();
        return new(epoch, trainLoss, loss, metric == Metric.Loss ? loss : objective.Score(metric.Name, outputs, dev), false);
    }
}
