using SkTuning.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Layers that are recomputed in backward give the same states and gradients, dropout included, and leak no tensor.</summary>
[Collection(Alone.Name)]
public sealed class RecomputedLayerTests
{
    public static TheoryData<string> Families => TraitModels.Families;

    [Theory, MemberData(nameof(Families))]
    public void States_and_gradients_are_those_of_the_plain_pass(string family)
    {
        using var scope = NewDisposeScope();
        using var m = new TraitModels(family);
        foreach (var from in (int[])[0, m.Config.Layers - 1])
            foreach (var dropout in (double[])[0, 0.5])
                Compare(m, new() { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = m.Everything(from, dropout) },
                    $"trained from layer {from}, dropout {dropout}");
        Compare(m, new() { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = m.Prompt(trained: true) }, "a prompt at the input");
    }

    [Fact]
    public void It_works_in_bf16_and_with_weights_that_stay_quantized()
    {
        using var scope = NewDisposeScope();
        using var half = new TraitModels("llama", Precision.BFloat16);
        Compare(half, new() { Ids = TraitModels.Ids, Injection = half.Everything(0) }, "bf16");
        using var kept = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "gguf", "llama-q4_0.gguf"),
            new() { Device = TestDevice.Name, KeepQuantized = true }, TestDevice.Torch).Transformer;
        var a = kept.Config.Attention;
        var prefix = randn([kept.Config.Layers, 2, a.KeyValueHeads, 3, a.HeadSize], generator: new Generator(3)).Here().requires_grad_(true);
        var injection = Injection.OfPrefix([.. Enumerable.Range(0, kept.Config.Layers)
            .Select(l => new LayerPrefix(prefix[l][0].unsqueeze(0), prefix[l][1].unsqueeze(0)))]);
        Fixtures.AssertClose(Gradient(false), Gradient(true), "gradient with quantised weights", 1e-6);

        Tensor Gradient(bool recomputes)
        {
            prefix.grad = null;
            kept.Forward(new() { Ids = TraitModels.Ids, Injection = injection, RecomputesLayers = recomputes }).Hidden.square().mean().backward();
            return prefix.grad!.clone();
        }
    }

    [Fact]
    public void Without_gradients_it_is_the_plain_pass_and_keys_and_values_are_kept_on_request()
    {
        using var scope = NewDisposeScope();
        using var m = new TraitModels("llama");
        var request = new ForwardRequest { Ids = TraitModels.Ids, Injection = m.Everything(0) };
        using (no_grad())
            Fixtures.AssertSame(m.Transformer.Forward(request).Hidden, m.Transformer.Forward(request with { RecomputesLayers = true }).Hidden, "states");
        var kept = m.Transformer.Forward(request with { RecomputesLayers = true, KeepKeyValues = true }).KeyValues;
        Assert.Equal(m.Config.Layers, kept.Count);
        Assert.All(kept, k => Assert.True(k.Keys.requires_grad));
    }

    [Fact]
    public void A_step_leaks_no_tensor_and_the_generator_continues_as_without_it()
    {
        using var scope = NewDisposeScope();
        using var m = new TraitModels("llama");
        var injection = m.Everything(0, dropout: 0.3);
        Step(true);
        var before = DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount;
        for (var i = 0; i < 5; i++) Step(true);
        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.ThreadTotalLiveCount);
        Assert.Equal(NextRandom(false), NextRandom(true));

        void Step(bool recomputes)
        {
            using var inner = NewDisposeScope();
            m.Transformer.Forward(new() { Ids = TraitModels.Ids, Injection = injection, RecomputesLayers = recomputes }).Hidden.square().sum().backward();
        }

        float NextRandom(bool recomputes)
        {
            using var inner = NewDisposeScope();
            Devices.Seed(8, TestDevice.Torch);
            Step(recomputes);
            return rand(1).item<float>();
        }
    }

    [Fact]
    public void A_layer_that_cannot_run_again_gives_NaN_gradients_and_the_reason()
    {
        using var scope = NewDisposeScope();
        var m = new TraitModels("llama");
        var injection = m.Everything(0);
        var states = m.Transformer.Forward(new() { Ids = TraitModels.Ids, Injection = injection, RecomputesLayers = true }).Hidden.sum();
        m.Dispose();                                                                    // its weights are gone before backward
        states.backward();
        Assert.True(TraitModels.Trained(injection)[^1].grad!.isnan().any().item<bool>() || TraitModels.Trained(injection)[0].grad!.isnan().any().item<bool>());
        Assert.Contains("could not be recomputed", Assert.ThrowsAny<SkTuningException>(BackwardFailure.Throw).Message);
        BackwardFailure.Throw();                                          // reported once
    }

    private static void Compare(TraitModels m, ForwardRequest request, string what)
    {
        Devices.Seed(5, TestDevice.Torch);
        var (plainStates, plain) = m.Gradients(request);
        Devices.Seed(5, TestDevice.Torch);
        var (states, gradients) = m.Gradients(request with { RecomputesLayers = true });
        Fixtures.AssertSame(plainStates, states, what);
        Assert.NotEmpty(plain);
        foreach (var (i, gradient) in plain.Index())
        {
            var size = Math.Max(1, gradient.abs().max().item<float>());
            Fixtures.AssertClose(gradient / size, gradients[i] / size, $"{what}: gradient {i}", 1e-6);
        }
    }
}
