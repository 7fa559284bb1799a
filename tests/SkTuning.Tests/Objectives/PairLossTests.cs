using SkTuning.Classifiers.SingleLabel;
using static TorchSharp.torch;

namespace SkTuning.Tests.Objectives;

/// <summary>The loss of L-Tuning: each row is read with its own label and with another one, and the head says which fits.</summary>
public sealed class PairLossTests
{
    private static readonly float[] Scores = [1, -2, 0.5f, -1, 0.25f, 3];

    /// <summary>Both readings of a row have the weight of its label.</summary>
    [Theory]
    [InlineData(0, false)]
    [InlineData(0.2, false)]
    [InlineData(0, true)]
    [InlineData(0.2, true)]
    public void It_is_the_mean_of_binary_cross_entropies_by_hand(double smoothing, bool isWeighted)
    {
        using var scope = NewDisposeScope();
        double[]? weights = isWeighted ? [5, 0.25, 1] : null;
        long[] labels = [0, 1, 0];
        var objective = new SingleLabelObjective(LabelSet.InOrder(["a", "b", "c"]), smoothing, weights);
        var loss = objective.PairLoss(tensor(Scores), tensor((float[])[1, 1, 1, 0, 0, 0]), tensor(labels)).item<float>();
        var (sum, whole) = (0.0, 0.0);
        for (var i = 0; i < 6; i++)
        {
            var (target, weight) = ((i < 3 ? 1 - smoothing : 0) + smoothing / 2, weights?[labels[i % 3]] ?? 1);
            sum += weight * (Math.Log(1 + Math.Exp(Scores[i])) - target * Scores[i]);
            whole += weight;
        }
        Assert.Equal(sum / whole, loss, 1e-6);
    }
}
