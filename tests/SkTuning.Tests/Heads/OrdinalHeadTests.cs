using System.Text.Json.Nodes;
using SkTuning.Heads.Ordinal;
using SkTuning.Metrics;
using static TorchSharp.torch;

namespace SkTuning.Tests.Heads;

/// <summary>The arithmetic of the head ordinal, by hand and against models that SciPy fits (tests/fixtures/decisions/ordinal.py).</summary>
public sealed class OrdinalHeadTests
{
    private static readonly JsonNode Expected = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Root, "decisions", "ordinal.json")))!;

    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3)]
    public void The_fit_is_that_of_SciPy(int index)
    {
        using var scope = NewDisposeScope();
        var c = Expected["fits"]![index]!;
        var fit = new OrdinalProblem(Matrix(c["features"]!), Vector(c["prior"]!).unsqueeze(0)).Fit(Matrix(c["targets"]!), default);
        var gaps = CumulativeLink.Gaps(fit.Cuts);
        Fixtures.AssertClose(Vector(c["weight"]!), fit.Weight.squeeze(0), "weight", 1e-6);
        Fixtures.AssertClose(Vector(c["cuts"]!), CumulativeLink.Cuts(fit.Cuts, gaps), "cut points", 1e-6);
        Assert.Equal(c["loss"]!.GetValue<double>(), fit.Loss, 1e-6);
        var log = CumulativeLink.LogProbabilities(nn.functional.linear(Matrix(c["new_features"]!), fit.Weight), fit.Cuts);
        Fixtures.AssertClose(Matrix(c["probabilities"]!), log.exp(), "probabilities", 1e-6);
        double[][] rows = [.. log.exp().data<double>().ToArray().Chunk((int)log.shape[1])];
        Assert.Equal(c["median"]!.AsArray().Select(n => n!.GetValue<int>()), rows.Select(p => LevelDistribution.Median(p)));
        Fixtures.AssertClose(Vector(c["expected"]!), tensor(rows.Select(p => LevelDistribution.Mean(p)).ToArray()), "expected levels", 1e-6);
    }

    [Fact]
    public void Probabilities_of_five_scores_by_hand()
    {
        using var scope = NewDisposeScope();
        var ln3 = Math.Log(3);
        var scores = tensor((double[])[0, ln3, -ln3, 2 * ln3, -2 * ln3]).unsqueeze(1);
        // The first cut point, and the logarithms of the gaps: -ln 3, 0 and ln 3.
        var log = CumulativeLink.LogProbabilities(scores, tensor((double[])[-ln3, Math.Log(ln3), Math.Log(ln3)]));
        Fixtures.AssertClose(tensor(new double[,]
        {
            { 1 / 4.0, 1 / 4.0, 1 / 4.0, 1 / 4.0 }, { 1 / 10.0, 3 / 20.0, 1 / 4.0, 1 / 2.0 }, { 1 / 2.0, 1 / 4.0, 3 / 20.0, 1 / 10.0 },
            { 1 / 28.0, 9 / 140.0, 3 / 20.0, 3 / 4.0 }, { 3 / 4.0, 3 / 20.0, 9 / 140.0, 1 / 28.0 },
        }), log.exp(), "probabilities", 1e-14);
    }

    [Fact]
    public void Two_levels_are_logistic_regression()
    {
        using var scope = NewDisposeScope();
        var log = CumulativeLink.LogProbabilities(tensor((double[])[-1, 0, 2.5]).unsqueeze(1), tensor((double[])[0.5]));
        Fixtures.AssertClose((tensor((double[])[-1, 0, 2.5]) - 0.5).sigmoid(), log.exp().select(1, 1), "the higher level", 1e-14);
    }

    [Fact]
    public void Gradients_in_training_are_those_of_small_differences()
    {
        using var scope = NewDisposeScope();
        var (scores, parameters) = (tensor((double[])[-1.5, 0.2, 3]).unsqueeze(1), tensor((double[])[-0.7, 0.3, -1.2, 0.1]));
        var weights = randn(3, 5, dtype: ScalarType.Float64);
        Tensor Loss(Tensor s, Tensor p) => (CumulativeLink.LogProbabilities(s, p) * weights).sum();
        var (s, p) = (scores.clone().requires_grad_(true), parameters.clone().requires_grad_(true));
        Loss(s, p).backward();
        foreach (var (values, gradient, of) in ((Tensor, Tensor, Func<Tensor, Tensor>)[])[(scores, s.grad!, t => Loss(t, parameters)),
            (parameters, p.grad!, t => Loss(scores, t))])
        {
            for (var i = 0; i < values.NumberOfElements; i++)
            {
                const double H = 1e-6;
                Tensor Moved(double by)
                {
                    var moved = values.clone();
                    moved.view(-1)[i] += by;
                    return moved;
                }
                var slope = (of(Moved(H)).item<double>() - of(Moved(-H)).item<double>()) / (2 * H);
                Assert.Equal(slope, gradient.view(-1)[i].item<double>(), 1e-7);
            }
        }
    }

    [Fact]
    public void A_level_without_rows_gets_a_probability_near_0_and_the_others_are_fitted_as_if_it_did_not_exist()
    {
        using var scope = NewDisposeScope();
        var c = Expected["fits"]![2]!;
        var (features, prior, targets) = (Matrix(c["features"]!), Vector(c["prior"]!).unsqueeze(0), Matrix(c["targets"]!));
        var none = zeros(targets.shape[0], 1, dtype: ScalarType.Float64);
        var expected = new OrdinalProblem(features, prior).Fit(targets, default);
        foreach (var (place, name) in ((int, string)[])[(0, "lowest"), (1, "inner"), (3, "highest")])
        {
            var with = cat([targets.narrow(1, 0, place), none, targets.narrow(1, place, 3 - place)], 1);
            var fit = new OrdinalProblem(features, prior).Fit(with, default);
            Fixtures.AssertClose(expected.Weight, fit.Weight, name, 1e-6);
            var scores = nn.functional.linear(features, fit.Weight).to_type(ScalarType.Float32);
            var log = CumulativeLink.LogProbabilities(scores, fit.Cuts.to_type(ScalarType.Float32));
            Assert.True(log.isfinite().all().item<bool>(), name);
            Assert.True(log.select(1, place).max().item<float>() < -15, $"{name}: {log.select(1, place).max().item<float>()}");
        }
    }

    private static Tensor Vector(JsonNode node) => tensor(node.AsArray().Select(n => n!.GetValue<double>()).ToArray());

    private static Tensor Matrix(JsonNode node) => stack([.. node.AsArray().Select(n => Vector(n!))]);
}
