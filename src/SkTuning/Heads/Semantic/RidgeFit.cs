using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Heads.Semantic;

/// <summary>A linear head that was fitted: its weight [C,D], its bias [C], both fp64 on the CPU, and the value of what was minimized.</summary>
internal sealed record RidgeFit(Tensor Weight, Tensor Bias, double Loss);

/// <summary>
/// Fits a linear head to features that are computed once, in double precision on the CPU. The minimum of <c>sum_i loss(W phi_i + b, y_i) + 1/2 |W -
/// prior|^2</c> is unique, up to a constant in the biases where scores compete: the result depends on no seed, learning rate, or dev rows. The loss is a sum:
/// with more rows, the prior fades by itself. The bias is not penalized.
/// </summary>
/// <param name="features">[N,D] fp64.</param>
/// <param name="prior">The weight without rows, [C,D] fp64.</param>
internal sealed class RidgeProblem(Tensor features, Tensor prior)
{
    private const double Tolerance = 1e-10;

    private readonly long _labels = prior.shape[0], _size = prior.shape[1];

    /// <summary>Fits the head. Where scores compete, the biases of the result have the sum 0.</summary>
    public RidgeFit Fit(RidgeTargets targets, CancellationToken cancellationToken) => targets.Loss switch
    {
        RidgeLoss.Logistic => Fit(scores => (Softplus(scores) - scores * targets.Values, scores.sigmoid() - targets.Values), false, cancellationToken),
        RidgeLoss.Squared => Fit(scores => ((scores - targets.Values).Squared() * 0.5.Kept(), scores - targets.Values), false, cancellationToken),
        _ => CrossEntropy(targets.Values, cancellationToken),
    };

    private RidgeFit CrossEntropy(Tensor targets, CancellationToken cancellationToken)
    {
        using var weights = targets.sum(1, keepdim: true);
        return Fit(scores =>
        {
            var logarithms = F.log_softmax(scores, 1);
            return (-(logarithms * targets), logarithms.exp() * weights - targets);
        }, center: true, cancellationToken);
    }

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
