using SkTuning.Adapters;
using SkTuning.Batches;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Prompts;
using SkTuning.Training;
using static TorchSharp.torch;

namespace SkTuning.Tests.Training;

/// <summary>Contracts 2 and 4 on the embedded model.</summary>
public sealed class TunedModelTests
{
    private static readonly int[] PromptIds = [40, 512, 79, 1064, 300], Text = [700, 33, 1200, 95, 2048, 8];

    [Fact]
    public void At_the_start_the_tuned_model_is_the_zero_shot_prompted_model()
    {
        using var scope = NewDisposeScope();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        using var prompt = PromptEncoding.Read(model.Transformer, PromptIds, TestDevice.Torch);
        using var tuned = Tuned(model, prompt);
        using var off = no_grad();
        var joined = model.Transformer.Forward(new() { Ids = Row([.. PromptIds, .. Text]) }).Hidden.narrow(1, PromptIds.Length, Text.Length);
        var injected = model.Transformer.Forward(new() { Ids = Row(Text), Injection = tuned.Bake() }).Text;
        Fixtures.AssertClose(joined, injected, "text states", 1e-5);
    }

    [Fact]
    public void Baked_equals_live_bit_for_bit_and_follows_every_change()
    {
        using var scope = NewDisposeScope();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        using var prompt = PromptEncoding.Read(model.Transformer, PromptIds, TestDevice.Torch);
        using var tuned = Tuned(model, prompt);
        using var batch = TokenBatch.Of([Text, [5, 6], [900]], TestDevice.Torch);
        using var optimizer = new AdamW(tuned.Parameters, 0.01);
        var step = new TrainingStep(tuned, optimizer, 1, new SingleLabelObjective(new(["a", "b", "c"])));
        for (var s = 0; s < 3; s++)
        {
            Fixtures.AssertSame(tuned.Live(batch).detach(), tuned.Baked(batch), $"logits before step {s}");
            step.Take(batch, tensor((long[])[0, 1, 2]).Here(), 1e-2, 1e-2);
        }
        Fixtures.AssertSame(tuned.Live(batch).detach(), tuned.Baked(batch), "logits at the end");
    }

    [Fact]
    public void The_padding_side_and_its_width_change_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        using var prompt = PromptEncoding.Read(model.Transformer, PromptIds, TestDevice.Torch);
        using var tuned = Tuned(model, prompt);
        using var off = no_grad();

        foreach (var (before, after) in ((int, int)[])[(0, 1), (0, 40), (3, 0), (40, 0), (2, 5)])
        {
            var ids = Row([.. Enumerable.Repeat(17, before), .. Text, .. Enumerable.Repeat(17, after)]);
            var mask = Row([.. Enumerable.Repeat(0, before), .. Text.Select(_ => 1), .. Enumerable.Repeat(0, after)]);
            foreach (var pooling in Enum.GetValues<Pooling>())
            {
                var expected = pooling.Pool(model.Transformer.Forward(new() { Ids = Row(Text), Injection = tuned.Bake() }).Text, null);
                var padded = model.Transformer.Forward(new() { Ids = ids, Mask = mask, Injection = tuned.Bake() }).Text;
                Fixtures.AssertClose(expected, pooling.Pool(padded, mask), $"{pooling} with {before} before, {after} after", 1e-5);
            }
        }
    }

    [Fact]
    public void Only_what_is_declared_has_gradients()
    {
        using var scope = NewDisposeScope();
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = TestDevice.Name });
        using var prompt = PromptEncoding.Read(model.Transformer, PromptIds, TestDevice.Torch);
        using var tuned = Tuned(model, prompt);
        using var batch = TokenBatch.Of([Text], TestDevice.Torch);
        tuned.Live(batch).sum().backward();
        Assert.All(model.Weights, w => Assert.True(w.Value.grad is null && !w.Value.requires_grad, w.Name));
        // The last factor starts at zero, so the first has no gradient yet, while the last factor and the head do.
        foreach (var spec in tuned.Parameters.Specs.Where(s => s.Name.Contains(".up.") || s.Name.StartsWith("head.")))
            Assert.True(tuned.Parameters[spec.Name].grad!.abs().sum().item<float>() > 0, spec.Name);
        Assert.Equal(tuned.Parameters.Specs.Sum(s => s.Count), tuned.Parameters.Count);
    }

    private static Tensor Row(int[] ids) => tensor(ids.Select(i => (long)i).ToArray(), [1, ids.Length]).Here();

    private static TunedModel Tuned(FrozenModel model, PromptEncoding prompt)
    {
        var method = new SkPrefixOptions { Bottleneck = 4 }.CreateMethod(model.Config, prompt);
        var head = new LinearHead(3, model.Config.Hidden, Pooling.Mean);
        return new(model.Transformer, method, head, new ParameterSet(TunedModel.Specs(method, head), 1, TestDevice.Torch));
    }
}
