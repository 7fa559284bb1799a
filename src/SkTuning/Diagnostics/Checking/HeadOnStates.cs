using SkTuning.Heads.Semantic;
using SkTuning.Native;
using SkTuning.Tasks;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Diagnostics;

/// <summary>A semantic head that is fitted to states that were read before.</summary>
/// <param name="standardizes">The states of a causal model are standardized first.</param>
/// <param name="texts">For each label, the states of its texts, [n,D] fp64.</param>
/// <param name="options">The options of the head.</param>
internal sealed class HeadOnStates(bool standardizes, IReadOnlyList<Tensor> texts, SemanticHeadOptions options)
{
    /// <summary>Fits the head to rows and returns its probabilities for other rows, [M][C].</summary>
    /// <param name="train">The states of the rows to fit to, [N,D] fp64.</param>
    /// <param name="labels">Their labels.</param>
    /// <param name="test">The states of the other rows, [M,D] fp64.</param>
    /// <param name="cancellationToken">Cancels the fit.</param>
    public double[][] Probabilities(Tensor train, IReadOnlyList<int> labels, Tensor test, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (count, map) = (texts.Count, standardizes ? FeatureMap.Standardizing(train) : FeatureMap.Unit);
        var (scale, targets) = (options.ScaleFor(count).Kept(), new double[labels.Count * count]);
        foreach (var (i, label) in labels.Index()) targets[i * count + label] = 1;
        var problem = new RidgeProblem(map.Map(train) * scale, map.Directions(texts) * options.WeightFor(count).Kept());
        var fit = problem.Fit(new(RidgeLoss.CrossEntropy, tensor(targets).view(labels.Count, count)), cancellationToken);
        var scores = F.linear(map.Map(test) * scale, fit.Weight, fit.Bias);
        return [.. scores.softmax(1).data<double>().ToArray().Chunk(count)];
    }
}
