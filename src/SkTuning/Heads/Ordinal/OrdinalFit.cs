using SkTuning.Heads.Semantic;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Heads.Ordinal;

/// <summary>A cumulative-link model that was fitted: the weight [1,D] and the parameters of the cut points [C-1], both fp64 on the CPU.</summary>
internal sealed record OrdinalFit(Tensor Weight, Tensor Cuts, double Loss);

/// <summary>
/// Fits a cumulative-link model to features that are computed once, in double precision on the CPU. The minimum of <c>sum_i -log p(y_i | w phi_i, cuts) +
/// 1/2 |w - prior|^2</c> is unique: the loss is convex in the weight and the cut points, and their parameters are a one-to-one map of them. The cut points are
/// not penalized.
/// </summary>
/// <param name="features">[N,D] fp64.</param>
/// <param name="prior">The weight without rows, [1,D] fp64.</param>
internal sealed class OrdinalProblem(Tensor features, Tensor prior)
{
    private const double Tolerance = 1e-10;

    /// <summary>Rows are added to each level where the search begins, so that the first cut points are finite and differ.</summary>
    private const double AddedRows = 0.5;

    private readonly int _size = (int)prior.shape[1];

    /// <summary>Fits the model.</summary>
    /// <param name="targets">The weight of each level for each row, [N,C] fp64.</param>
    /// <param name="cancellationToken">Ends the fit with an exception.</param>
    public OrdinalFit Fit(Tensor targets, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var cuts = (int)targets.shape[1] - 1;
        var counts = targets.sum([0]);
        var (below, above) = (targets.narrow(1, 0, cuts), targets.narrow(1, 1, cuts));
        var inner = counts.narrow(0, 1, cuts - 1).data<double>().ToArray();
        double[] start = [.. prior.contiguous().data<double>().ToArray(), .. Start(counts.data<double>().ToArray())];
        var (point, value) = Lbfgs.Minimize(start, Evaluate, Tolerance, cancellationToken);
        return new(WeightOf(point).MoveToOuterDisposeScope(), tensor(point.AsSpan(_size).ToArray()).MoveToOuterDisposeScope(), value);

        double Evaluate(double[] at, double[] gradient)
        {
            using var step = NewDisposeScope();
            var (weight, parameters) = (WeightOf(at), tensor(at.AsSpan(_size).ToArray()));
            var scores = F.linear(features, weight);
            var fromPrior = weight - prior;
            var loss = -(CumulativeLink.LogProbabilities(scores, parameters) * targets).sum().item<double>();
            // The slope of each distance between a cut point and the score of a row.
            var distances = CumulativeLink.Cuts(parameters, CumulativeLink.Gaps(parameters)) - scores;
            var slopes = above * distances.sigmoid() - below * (-distances).sigmoid();
            (-slopes.sum([1])).unsqueeze(0).mm(features).Plus(fromPrior).data<double>().ToArray().CopyTo(gradient, 0);
            // A gap moves all cut points above it, and the probability of the level between its ends.
            var ofCuts = slopes.sum([0]).data<double>().ToArray();
            var sum = 0.0;
            for (var k = ofCuts.Length - 1; k >= 0; k--)
            {
                sum += ofCuts[k];
                var gap = k == 0 ? 1 : Math.Exp(at[_size + k]);
                gradient[_size + k] = k == 0 ? sum : gap * sum - inner[k - 1] * OverExpm1(gap);
            }
            return loss + fromPrior.Squared().sum().item<double>() / 2;
        }
    }

    private Tensor WeightOf(double[] at) => tensor(at.AsSpan(0, _size).ToArray()).view(1, _size);

    /// <summary>Returns the parameters of the cut points that would be right if all rows had the score 0.</summary>
    private static IEnumerable<double> Start(double[] counts)
    {
        var (below, all, before) = (0.0, counts.Sum() + AddedRows * counts.Length, 0.0);
        for (var k = 0; k < counts.Length - 1; k++)
        {
            below += counts[k] + AddedRows;
            var cut = Math.Log(below / (all - below));
            yield return k == 0 ? cut : Math.Log(cut - before);
            before = cut;
        }
    }

    /// <summary>x / (exp(x) - 1), which is 1 at 0.</summary>
    private static double OverExpm1(double x) => x < 1e-5 ? 1 - x / 2 : x / (Math.Exp(x) - 1);
}
