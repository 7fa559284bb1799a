using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Tests.Objectives;

/// <summary>The losses that compare directions, in fp32, against values and gradients that were computed in Python (float64).</summary>
public sealed class ComparisonTests
{
    private static readonly JsonNode Expected
        = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Root, "learning", "learning.json")))!["losses"]!;

    private static readonly SingleLabelObjective Task = new(LabelSet.InOrder(["a", "b", "c"]));

    [Theory]
    [InlineData("contrastive", "supervised_contrastive")]
    [InlineData("cosine-pairs", "cosine_pairs")]
    [InlineData("label-anchors", "label_anchors")]
    public void Values_and_gradients_are_those_of_the_reference(string name, string expectedName)
    {
        using var scope = NewDisposeScope();
        var expected = Expected[expectedName]!;
        var (features, anchors) = (Matrix(Expected["z"]!).requires_grad_(), Matrix(Expected["anchors"]!).requires_grad_());
        var loss = ObjectiveOptions.Create(name).Create()!.Loss(features, Labels(), anchors, Task);
        loss.backward();
        Assert.Equal(expected["value"]!.GetValue<double>(), loss.item<float>(), 1e-5);
        Fixtures.AssertClose(Matrix(expected["grad_z"]!), features.grad!, "gradient of the features", 1e-5);
        if (expected["grad_anchors"] is { } ofAnchors) Fixtures.AssertClose(Matrix(ofAnchors), anchors.grad!, "gradient of the anchors", 1e-5);
        else Assert.Null(anchors.grad);
    }

    [Theory]
    [InlineData("contrastive")]
    [InlineData("cosine-pairs")]
    public void The_length_of_features_does_not_matter(string name)
    {
        using var scope = NewDisposeScope();
        var (features, comparison) = (Matrix(Expected["z"]!), ObjectiveOptions.Create(name).Create()!);
        Assert.Equal(Loss(features), Loss(features * 5.Kept()), 1e-5);

        float Loss(Tensor of) => comparison.Loss(of, Labels(), null, Task).item<float>();
    }

    [Theory]
    [InlineData("contrastive", 1)]
    [InlineData("contrastive", 3)]
    [InlineData("cosine-pairs", 1)]
    public void Rows_without_a_pair_have_no_loss_and_a_gradient_of_zero(string name, int rows)
    {
        using var scope = NewDisposeScope();
        var features = Matrix(Expected["z"]!).narrow(0, 0, rows).detach().requires_grad_();
        var loss = ObjectiveOptions.Create(name).Create()!.Loss(features, arange(rows), null, Task);
        loss.backward();
        Assert.Equal(0, loss.item<float>());
        Fixtures.AssertClose(zeros_like(features), features.grad!, "gradient", 0);
    }

    private static Tensor Labels() => tensor(Expected["labels"]!.Deserialize<long[]>()!);

    private static Tensor Matrix(JsonNode rows)
    {
        var values = rows.Deserialize<float[][]>()!;
        return tensor(values.SelectMany(r => r).ToArray()).view(values.Length, values[0].Length);
    }
}
