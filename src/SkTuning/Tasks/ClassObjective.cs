using SkTuning.Batches;
using SkTuning.Models;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tasks;

/// <summary>One class for each answer, whether rows or words have answers: cross-entropy.</summary>
/// <param name="classes">C, the number of classes.</param>
/// <param name="labelSmoothing">The fraction of each target that all classes share.</param>
/// <param name="classWeights">The weight of each class in the loss, [C]; null if all are equal.</param>
internal abstract class ClassObjective(int classes, double labelSmoothing, double[]? classWeights) : Objective
{
    protected double LabelSmoothing => labelSmoothing;

    protected double[]? ClassWeights => classWeights;

    public override Tensor Targets(IReadOnlyList<EncodedRow> rows, Device device)
        => tensor(rows.SelectMany(r => r.Classes).Select(c => (long)c).ToArray(), device: device);

    public override Tensor Loss(Tensor outputs, Tensor targets)
    {
        var weights = classWeights is null ? null : Devices.Send(tensor(classWeights, dtype: ScalarType.Float32), outputs.device);
        return F.cross_entropy(outputs, targets, weights, label_smoothing: labelSmoothing);
    }

    public override Tensor PlainLoss(Tensor outputs, Tensor targets) => F.cross_entropy(outputs, targets);

    // Smoothing spreads a part of each target over all classes, but torch divides by the weights of the targets themselves.
    public override double Weight(IReadOnlyList<EncodedRow> rows)
        => classWeights is null ? base.Weight(rows) : rows.SelectMany(r => r.Classes).Sum(c => classWeights[c]);

    public override double ZeroLoss(IReadOnlyList<EncodedRow> rows) => Math.Log(classes);

    /// <summary>Returns the most likely class of each answer.</summary>
    protected static int[] Best(Tensor outputs)
    {
        using var scope = NewDisposeScope();
        return [.. outputs.argmax(1).data<long>().ToArray().Select(c => (int)c)];
    }

    /// <summary>Returns the probabilities of each answer's classes.</summary>
    protected static double[][] Probabilities(Tensor outputs)
    {
        using var scope = NewDisposeScope();
        return [.. outputs.to_type(ScalarType.Float64).softmax(-1).data<double>().ToArray().Chunk((int)outputs.shape[1])];
    }
}
