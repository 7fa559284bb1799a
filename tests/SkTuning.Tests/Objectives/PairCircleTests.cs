using SkTuning.Classifiers.SingleLabel;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Tests.Objectives;

/// <summary>The loss of pairs of CP-Tuning: by hand, against loops in double precision, and what must not change it.</summary>
public sealed class PairCircleTests
{
    private const double Margin = 0.4, Scale = 64;
    private static readonly SingleLabelObjective Task = new(LabelSet.InOrder(["a", "b", "c"]));
    private static readonly long[] Labels = [0, 1, 0, 2, 1];

    /// <summary>s_p = 1 and s_n = -1: a_p = 0.4 and a_n = 0, so that the loss is softplus(-0.4 · 0.6 · 64 + 0) = softplus(-10.24).</summary>
    [Fact]
    public void One_pair_of_each_kind_that_are_where_they_should_be_has_the_value_by_hand()
    {
        using var scope = NewDisposeScope();
        // The third row has two different pairs, each with a cost of 0: LSE_n is ln 2.
        var three = Loss(tensor((float[])[1, 0, 1, 0, -1, 0]).view(3, 2), [0, 0, 1]);
        Assert.Equal(Math.Log(1 + 2 * Math.Exp(-10.24)), three.item<float>(), 1e-7);
        Assert.Equal(3.57e-5, Math.Log(1 + Math.Exp(-10.24)), 1e-7);
        Assert.Equal(3.57e-5, Direct([[1, 0], [1, 0]], [0, 0], extraNegative: -1), 1e-7);
    }

    [Theory, InlineData(1.0), InlineData(4.0)]
    public void Values_and_gradients_are_those_of_loops_with_fixed_costs(double ratio)
    {
        const double Step = 1e-6;
        using var scope = NewDisposeScope();
        var features = randn([5, 3], generator: new Generator(2)).requires_grad_();
        var loss = new PairCircle(Margin, Scale, ratio).Loss(features, tensor(Labels), null, Task);
        loss.backward();
        var rows = features.detach().data<float>().ToArray().Select(v => (double)v).Chunk(3).ToArray();
        Assert.Equal(Direct(rows, Labels, ratio), loss.item<float>(), 1e-3);
        for (var r = 0; r < 5; r++)
            for (var d = 0; d < 3; d++) Assert.Equal(Slope(r, d), features.grad![r, d].item<float>(), 2e-3 * Math.Max(1, Math.Abs(Slope(r, d))));

        double Slope(int r, int d) => (At(r, d, Step) - At(r, d, -Step)) / (2 * Step);

        double At(int r, int d, double step)
        {
            double[][] moved = [.. rows.Select(row => (double[])[.. row])];
            moved[r][d] += step;
            return Direct(moved, Labels, ratio, costsFrom: rows);
        }
    }

    [Fact]
    public void The_order_of_the_batch_and_the_length_of_features_do_not_matter()
    {
        using var scope = NewDisposeScope();
        var features = randn([5, 3], generator: new Generator(4));
        var expected = Loss(features, Labels).item<float>();
        Assert.True(expected > 1);
        var order = (long[])[3, 0, 4, 2, 1];
        Assert.Equal(expected, Loss(features.index_select(0, tensor(order)), [.. order.Select(i => Labels[i])]).item<float>(), 1e-4);
        Assert.Equal(expected, Loss(features * 7.Kept(), Labels).item<float>(), 1e-4);
    }

    [Theory, InlineData("0"), InlineData("0 1 2"), InlineData("1 1 1")]
    public void Batches_without_a_pair_of_each_kind_have_no_loss_and_a_gradient_of_zero(string labels)
    {
        using var scope = NewDisposeScope();
        long[] own = [.. labels.Split(' ').Select(long.Parse)];
        var features = randn([own.Length, 3], generator: new Generator(4)).requires_grad_();
        var loss = Loss(features, own);
        loss.backward();
        Assert.Equal(0, loss.item<float>());
        Fixtures.AssertClose(zeros_like(features), features.grad!, "gradient", 0);
    }

    [Fact]
    public void Pairs_of_different_labels_count_more_with_a_higher_ratio()
    {
        using var scope = NewDisposeScope();
        // A pair of the same label that is far apart, and one of different labels that is where it should be.
        var features = tensor((float[])[1, 0, 0, 1, -1, 0]).view(3, 2);
        Assert.True(new PairCircle(Margin, Scale, 8).Loss(features, tensor((long[])[0, 0, 1]), null, Task).item<float>()
            < Loss(features, [0, 0, 1]).item<float>());
    }

    [Theory, InlineData("margin", 1.5), InlineData("scale", 0.0), InlineData("ratio", -1.0), InlineData("words", double.NaN)]
    public void Values_out_of_range_are_refused(string what, double value)
    {
        var defaults = new PairCircleObjectiveOptions();
        var options = what switch
        {
            "margin" => defaults with { Margin = value },
            "scale" => defaults with { Scale = value },
            "ratio" => defaults with { CostRatio = value },
            _ => defaults with { MaskedWordsWeight = value },
        };
        Assert.Contains("PairCircleObjectiveOptions", Assert.ThrowsAny<SkTuningException>(options.Validate).Message);
    }

    private static Tensor Loss(Tensor features, long[] labels) => new PairCircle(Margin, Scale, 1).Loss(features, tensor(labels), null, Task);

    private static double Direct(double[][] rows, long[] labels, double ratio = 1, double[][]? costsFrom = null, double? extraNegative = null)
    {
        var (positive, negative) = (0.0, extraNegative is { } s ? Math.Exp(Scale * Math.Max(0, s + Margin) * (s - Margin)) : 0.0);
        for (var i = 0; i < rows.Length; i++)
        {
            for (var j = i + 1; j < rows.Length; j++)
            {
                var (cosine, atStart) = (Cosine(rows[i], rows[j]), costsFrom is null ? Cosine(rows[i], rows[j]) : Cosine(costsFrom[i], costsFrom[j]));
                if (labels[i] == labels[j]) positive += Math.Exp(-Scale * Math.Max(0, 1 + Margin - atStart) / ratio * (cosine - (1 - Margin)));
                else negative += Math.Exp(Scale * Math.Max(0, atStart + Margin) * (cosine - Margin));
            }
        }
        return Math.Log(1 + positive * negative);
    }

    private static double Cosine(double[] a, double[] b)
        => a.Zip(b, (x, y) => x * y).Sum() / Math.Sqrt(a.Sum(x => x * x) * b.Sum(y => y * y));
}
