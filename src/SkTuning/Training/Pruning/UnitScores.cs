using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Data;
using SkTuning.Models;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Training.Pruning;

/// <summary>Scores the feed-forward units of a model: a number for each unit of each layer, the higher the more it is needed.</summary>
internal static class UnitScores
{
    /// <summary>The factor on gradients that pass through fp16 (see <see cref="TrainingStep"/>).</summary>
    private const double HalfScale = 1024;

    /// <summary>Returns a random number for each unit.</summary>
    public static double[][] Random(Transformer model, ulong seed)
    {
        var random = new Shuffler(seed);
        return [.. model.InnerSizes.Select(size => Enumerable.Range(0, size).Select(_ => random.NextDouble()).ToArray())];
    }

    /// <summary>Returns the norm of the weights of each unit.</summary>
    public static double[][] Magnitude(Transformer model, Device device)
    {
        using var scope = NewDisposeScope();
        return [.. model.UnitNorms(device).Select(Values)];
    }

    /// <summary>Returns the norm of each unit's activations over all positions of the rows.</summary>
    /// <param name="adapter">The adapter, on the whole model.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    public static double[][] Activation(AdapterModel adapter, IReadOnlyList<EncodedRow> rows, CancellationToken cancellationToken)
    {
        var model = adapter.Model.Transformer;
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var sums = Zeros(model, adapter.Model.Device);
        var injection = adapter.Tuned.Bake().Tapped(sums.Length, (layer, x) =>
        {
            using var inner = NewDisposeScope();
            sums[layer].Plus_(x.Exact().Squared().flatten(0, -2).sum([0]));
        });
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            using var batch = TokenBatch.Of([row], adapter.Model.Device);
            adapter.Tuned.BakedWith(batch, injection);
        }
        return [.. sums.Select(s => Values(s.sqrt()))];
    }

    /// <summary>
    /// Returns the attribution of each unit to the logarithm of the right answers' probability, that is, to the loss of the task: summed over the positions of
    /// a row, and its absolute values over the rows. A unit that helps some rows as much as it harms others is needed by both.
    /// </summary>
    /// <param name="adapter">The adapter, on the whole model.</param>
    /// <param name="rows">The rows with their answers.</param>
    /// <param name="objective">The task.</param>
    /// <param name="cancellationToken">Cancels between rows.</param>
    public static double[][] Attribution(AdapterModel adapter, IReadOnlyList<EncodedRow> rows, Objective objective, CancellationToken cancellationToken)
    {
        var (model, device, injection) = (adapter.Model.Transformer, adapter.Model.Device, adapter.Tuned.Bake());
        using var scope = NewDisposeScope();
        var sums = Zeros(model, device);
        foreach (var row in rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            using var inner = NewDisposeScope();
            using var batch = TokenBatch.Of([row], device);
            var targets = Devices.Send(objective.Targets([row], CPU), device);
            var scores = Attribution(model, injection, device, scaled => objective.PlainLoss(adapter.Tuned.BakedWith(batch, scaled), targets));
            using var off = no_grad();
            foreach (var (l, score) in scores.Index()) sums[l].Plus_(score.abs());
        }
        adapter.Tuned.Parameters.Gradients.zero_();                                 // the head's values have received gradients, too
        return [.. sums.Select(Values)];
    }

    /// <summary>
    /// Returns the sum over all positions of gradient times activation of each unit, [units] for each layer, in the caller's scope. For a target that is linear
    /// in the activations, their sum is what the units contribute to it.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="injection">What an adapter injects.</param>
    /// <param name="device">The device of the model.</param>
    /// <param name="target">Computes a scalar with an injection.</param>
    public static IReadOnlyList<Tensor> Attribution(Transformer model, Injection injection, Device device, Func<Injection, Tensor> target)
    {
        using var on = enable_grad();
        using var scope = NewDisposeScope();
        var factor = model.ComputesInHalf ? HalfScale : 1;
        BackwardFailure.Forget();
        Tensor[] scales = [.. model.InnerSizes.Select(size => ones(size, device: device).requires_grad_(true))];
        var scalar = target(injection.Scaled(scales));
        (factor == 1 ? scalar : scalar * factor.Kept()).backward();
        BackwardFailure.Throw();
        using var off = no_grad();
        return [.. scales.Select(s => s.grad is { } gradient ? gradient * (1 / factor).Kept() : zeros_like(s)).Select(s => s.MoveToOuterDisposeScope())];
    }

    private static Tensor[] Zeros(Transformer model, Device device) => [.. model.InnerSizes.Select(size => zeros(size, device: device))];

    private static double[] Values(Tensor scores)
    {
        using var scope = NewDisposeScope();
        double[] values = [.. scores.cpu().data<float>().ToArray().Select(v => (double)v)];
        return values.All(double.IsFinite) ? values
            : throw new SkTuningException("The scores of feed-forward units are not finite: choose the units by magnitude, or lower the learning rate.");
    }
}
