using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Models;
using SkTuning.Training;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Tests.Methods;

/// <summary>What every tuning method promises, on small models of several families.</summary>
public sealed class EveryMethodTests
{
    private static readonly int[][] Rows = [[7, 33, 12, 95, 20, 8], [5, 6], [90, 41, 13]];
    private static readonly long[] Labels = [0, 2, 1];

    public static IEnumerable<TheoryDataRow<string, string>> Cases() => MethodCases.Rows();

    [Fact]
    public void No_method_is_forgotten() => Assert.Equal(["auto"], TuningOptions.Names.Except(MethodCases.All.Values.Select(c => c.Options.Name)));

    [Theory, MemberData(nameof(Cases))]
    public void It_starts_as_it_says_bit_for_bit_and_trains_as_many_values_as_its_formula(string name, string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var on = new MethodOn(name, family);
        Assert.Equal(on.Case.Count(on.Config, on.Prompt.Length), on.Method.Parameters.Sum(p => p.Count));
        Assert.Equal(on.Tuned.Parameters.Count, on.Method.Parameters.Sum(p => p.Count) + on.Case.Head(on.Config));
        Injection? start = on.Case.Start switch
        {
            StartsAs.FrozenModel => Injection.None,
            StartsAs.BehindThePromptsKeysAndValues => Injection.OfPrefix(on.Prompt.KeyValues),
            StartsAs.BehindThePromptsWords => new Injection { InputPrompt = on.Prompt.Words.unsqueeze(0) },
            _ => null,
        };
        if (start is null) return;
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        var expected = on.Transformer.Forward(new() { Ids = batch.Ids, Mask = batch.Mask, Injection = start }).Text;
        Fixtures.AssertSame(expected, on.Transformer.Forward(new() { Ids = batch.Ids, Mask = batch.Mask, Injection = on.Tuned.Bake() }).Text,
            "text states at the start");
    }

    [Theory, MemberData(nameof(Cases))]
    public void Its_gradients_are_those_of_finite_differences_in_fp64(string name, string family)
    {
        const double Step = 1e-5;
        using var scope = NewDisposeScope();
        using var on = new MethodOn(name, family, float64: true);
        on.Perturb();
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        on.Tuned.Parameters.Gradients.zero_();
        F.cross_entropy(on.Tuned.Live(batch), tensor(Labels).Here()).backward();
        foreach (var spec in on.Tuned.Parameters.Specs)
        {
            var leaf = on.Tuned.Parameters[spec.Name];
            var (gradient, value) = (leaf.grad!.clone(), leaf.detach().clone());
            Assert.Equal(ScalarType.Float64, gradient.dtype);
            // Along the gradient itself, where it is not zero (the bias of keys: softmax cannot see it), and along an unrelated direction.
            foreach (var direction in (Tensor[])[gradient, randn(spec.Shape, ScalarType.Float64, generator: new Generator(7)).Here()])
            {
                var unit = direction / direction.norm().clamp_min(1e-30);
                var expected = (gradient * unit).sum().item<double>();
                var slope = (LossAt(unit * Step) - LossAt(unit * -Step)) / (2 * Step);
                Assert.True(Math.Abs(slope - expected) <= 1e-6 * Math.Abs(expected) + 1e-9,
                    $"{spec.Name}: finite differences {slope:G10}, gradient {expected:G10}");
            }

            double LossAt(Tensor step)
            {
                using var off = no_grad();
                on.Tuned.Parameters.Set(spec.Name, value + step);
                var loss = F.cross_entropy(on.Tuned.Live(batch), tensor(Labels).Here()).item<double>();
                on.Tuned.Parameters.Set(spec.Name, value);
                return loss;
            }
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Training_changes_only_what_it_declares_and_baked_equals_live_bit_for_bit(string name, string family)
    {
        using var scope = NewDisposeScope();
        using var on = new MethodOn(name, family);
        var before = on.Hash();
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        using var optimizer = new AdamW(on.Tuned.Parameters, 0.01);
        var step = new TrainingStep(on.Tuned, optimizer, 1, new SingleLabelObjective(new(["a", "b", "c"])));
        // L-Tuning compares with labels drawn at random: the quality of its scores is checked, not the loss of one draw, and it gets more steps.
        var start = Misfit();
        for (var s = 0; s < (name == "l-tuning" ? 30 : 8); s++)
        {
            Fixtures.AssertSame(on.Tuned.Live(batch).detach(), on.Tuned.Baked(batch), $"logits before step {s}");
            step.Take(batch, tensor(Labels).Here(), 1e-2, 1e-2);
        }
        Assert.True(Misfit() < start, $"the loss went from {start} to {Misfit()}");
        Assert.Equal(before, on.Hash());
        Assert.All(on.Weights, w => Assert.True(w.Value.grad is null && !w.Value.requires_grad, w.Name));

        double Misfit()
        {
            using var off = no_grad();
            return F.cross_entropy(on.Tuned.Live(batch), tensor(Labels).Here()).item<float>();
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void A_row_does_not_depend_on_the_rows_beside_it(string name, string family)
    {
        using var scope = NewDisposeScope();
        using var on = new MethodOn(name, family);
        if (!on.Case.RowsAreAlone) return;
        on.Perturb();
        using var batch = TokenBatch.Of(Rows, TestDevice.Torch);
        var together = on.Tuned.Baked(batch);
        foreach (var (r, row) in Rows.Index())
        {
            using var alone = TokenBatch.Of([row], TestDevice.Torch);
            Fixtures.AssertClose(on.Tuned.Baked(alone)[0], together[r], $"row {r}", 1e-5);
        }
    }
}
