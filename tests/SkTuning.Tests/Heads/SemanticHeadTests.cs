using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Heads.Semantic;
using SkTuning.Tasks;
using static TorchSharp.torch;

namespace SkTuning.Tests.Heads;

/// <summary>The arithmetic of the semantic head, against values that were computed in Python (float64).</summary>
public class SemanticHeadTests
{
    private static readonly JsonNode Expected = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Root, "learning", "learning.json")))!;

    [Theory]
    [InlineData("unit")]
    [InlineData("standardised")]
    public void Features_and_directions_are_those_of_the_reference(string name)
    {
        using var scope = NewDisposeScope();
        var map = Map(name);
        Fixtures.AssertClose(Matrix(Expected[name]!["mapped"]!), map.Map(Matrix(Expected["features"]!)), "features", 1e-12);
        Fixtures.AssertClose(Matrix(Expected[name]!["prior_direction"]!), Directions(map), "directions", 1e-12);
    }

    [Theory]
    [InlineData("unit", 0)]
    [InlineData("unit", 4)]
    [InlineData("standardised", 0)]
    [InlineData("standardised", 4)]
    public void The_fit_is_that_of_the_reference(string name, int weight)
    {
        using var scope = NewDisposeScope();
        var map = Map(name);
        var expected = Expected[name]![$"head_w{weight}"]!;
        var targets = Targets();
        var fit = new RidgeProblem(map.Map(Matrix(Expected["features"]!)), Directions(map) * weight).Fit(new(RidgeLoss.CrossEntropy, targets), default);
        Fixtures.AssertClose(Matrix(expected["W"]!), fit.Weight, "W", 1e-6);
        Fixtures.AssertClose(Vector(expected["b"]!), fit.Bias, "b", 1e-6);
        Assert.Equal(expected["loss"]!.GetValue<double>(), fit.Loss, 1e-6);
        var logits = nn.functional.linear(map.Map(Matrix(Expected["new_features"]!)), fit.Weight, fit.Bias);
        Fixtures.AssertClose(Matrix(expected["logits_new"]!), logits, "logits", 1e-6);
        Fixtures.AssertClose(Matrix(expected["probabilities_new"]!), logits.softmax(1), "probabilities", 1e-6);
    }

    [Fact]
    public void Independent_labels_satisfy_the_conditions_of_the_minimum()
    {
        using var scope = NewDisposeScope();
        var (features, prior) = (FeatureMap.Unit.Map(Matrix(Expected["features"]!)), Directions(FeatureMap.Unit) * 4);
        var targets = (Targets() + Targets().roll(1, 1)).clamp(0, 1);
        var fit = new RidgeProblem(features, prior).Fit(new(RidgeLoss.Logistic, targets), default);
        var slopes = nn.functional.linear(features, fit.Weight, fit.Bias).sigmoid() - targets;
        Fixtures.AssertClose(zeros_like(fit.Weight), slopes.t().mm(features) + fit.Weight - prior, "gradient", 1e-7);
        Fixtures.AssertClose(zeros_like(fit.Bias), slopes.sum([0]), "gradient of the bias", 1e-7);
    }

    [Fact]
    public void A_row_with_weight_2_counts_as_two_rows()
    {
        using var scope = NewDisposeScope();
        var (features, targets, prior) = (FeatureMap.Unit.Map(Matrix(Expected["features"]!)), Targets(), Directions(FeatureMap.Unit));
        var weights = ones(12, 1, dtype: ScalarType.Float64);
        weights[3] = tensor(2.0);
        var once = new RidgeProblem(features, prior).Fit(new(RidgeLoss.CrossEntropy, targets * weights), default);
        var twice = new RidgeProblem(cat([features, features[3..4]]), prior).Fit(new(RidgeLoss.CrossEntropy, cat([targets, targets[3..4]])), default);
        Fixtures.AssertClose(twice.Weight, once.Weight, "W", 1e-7);
    }

    private static FeatureMap Map(string name) => name == "unit" ? FeatureMap.Unit : FeatureMap.Standardizing(Matrix(Expected["features"]!));

    private static Tensor Directions(FeatureMap map) => map.Directions([.. Matrix(Expected["label_features"]!).split(1)]);

    private static Tensor Targets()
        => nn.functional.one_hot(tensor(Expected["labels"]!.AsArray().Select(n => n!.GetValue<long>()).ToArray()), 3).to_type(ScalarType.Float64);

    private static Tensor Vector(JsonNode values) => tensor(values.Deserialize<double[]>()!);

    private static Tensor Matrix(JsonNode rows)
    {
        var values = rows.Deserialize<double[][]>()!;
        return tensor(values.SelectMany(r => r).ToArray()).view(values.Length, values[0].Length);
    }
}
