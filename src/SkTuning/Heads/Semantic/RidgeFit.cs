using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Heads.Semantic;

/// <summary>A linear head that was fitted: its weight [C,D], its bias [C], both fp64 on the CPU, and the value of what was minimized.</summary>
internal sealed record RidgeFit(Tensor Weight, Tensor Bias, double Loss);

/// <summary>
/// Fits a linear head to features that are computed once, in double precision on the CPU. The minimum of
/// <c>sum_i loss(W phi_i + b, y_i) + 1/2 |W - prior|^2</c> is unique up to a constant in the bias of exclusive labels: the result depends on no seed, learning
/// rate, or dev rows. The loss is a sum: with more rows, the prior fades by itself. The bias is not penalized.
/// </summary>
/// <param name="features">[N,D] fp64.</param>
/// <param name="prior">The weight without rows, [C,D] fp64.</param>
internal sealed class RidgeProblem(Tensor features, Tensor prior)
{
    private const double Tolerance = 1e-10;

    private readonly long _labels = prior.shape[0], _size = prior.shape[1];

    /// <summary>Fits labels of which each row has one: cross-entropy. The biases of the result have the sum 0.</summary>
    /// <param name="targets">The probability of each label, [N,C] fp64; each row has the sum 1.</param>
    /// <param name="weights">The weight of each row, [N,1] fp64; null if all are 1.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    public RidgeFit Exclusive(Tensor targets, Tensor? weights, CancellationToken cancellationToken) => Fit(scores =>
    {
        var logarithms = F.log_softmax(scores, 1);
        var (losses, slopes) = (-(logarithms * targets), logarithms.exp() - targets);
        return weights is null ? (losses, slopes) : (losses * weights, slopes * weights);
    }, center: true, cancellationToken);

    /// <summary>Fits labels of which each row has any number: the logistic loss of each label.</summary>
    /// <param name="targets">1 where the row has the label and 0 elsewhere, [N,C] fp64.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    public RidgeFit Independent(Tensor targets, CancellationToken cancellationToken)
        => Fit(scores => (Softplus(scores) - scores * targets, scores.sigmoid() - targets), center: false, cancellationToken);

    private RidgeFit Fit(Func<Tensor, (Tensor Losses, Tensor Slopes)> loss, bool center, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var weights = _labels * _size;
        var start = new double[weights + _labels];
        prior.contiguous().data<double>().ToArray().CopyTo(start, 0);
        var (point, value) = Lbfgs.Minimize(start, Evaluate, Tolerance, cancellationToken);
        var bias = tensor(point.AsSpan((int)weights).ToArray());
        if (center) bias = bias - bias.mean();
        return new(tensor(point.AsSpan(0, (int)weights).ToArray()).view(_labels, _size).MoveToOuterDisposeScope(), bias.MoveToOuterDisposeScope(), value);

        double Evaluate(double[] at, double[] gradient)
        {
            using var inner = NewDisposeScope();
            var weight = tensor(at.AsSpan(0, (int)weights).ToArray()).view(_labels, _size);
            var (losses, slopes) = loss(F.linear(features, weight, tensor(at.AsSpan((int)weights).ToArray())));
            var fromPrior = weight - prior;
            slopes.t().mm(features).Plus(fromPrior).data<double>().ToArray().CopyTo(gradient, 0);
            slopes.sum([0]).data<double>().ToArray().CopyTo(gradient, weights);
            return losses.sum().item<double>() + fromPrior.Squared().sum().item<double>() / 2;
        }
    }

    /// <summary>log(1 + exp(x)), also where the exponential would overflow.</summary>
    private static Tensor Softplus(Tensor x) => x.clamp_min(0.Kept()).Plus((-x.abs()).exp().log1p());
}
