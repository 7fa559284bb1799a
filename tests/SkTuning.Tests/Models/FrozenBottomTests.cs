using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>A pass that starts at a layer from kept states equals the whole pass bit for bit, and an injection knows the lowest layer that it trains.</summary>
public sealed class FrozenBottomTests
{
    public static TheoryData<string> Families => TraitModels.Families;

    [Theory, MemberData(nameof(Families))]
    public void A_pass_from_a_layers_states_equals_the_whole_pass_bit_for_bit(string family)
    {
        using var scope = NewDisposeScope();
        using var m = new TraitModels(family);
        var layers = m.Config.Layers;
        foreach (var mask in (Tensor?[])[null, TraitModels.Mask])
            for (var l = 0; l <= layers; l++)
                foreach (var injection in (Injection[])[Injection.None, m.Everything(l), m.Prompt(trained: false)])
                {
                    using var each = NewDisposeScope();
                    Tensor kept;
                    using (no_grad())
                        kept = m.Transformer.Forward(new()
                        {
                            Ids = TraitModels.Ids, Mask = mask, Injection = injection, Taps = new HashSet<int> { l },
                        }).Taps[l];
                    var whole = m.Transformer.Forward(new() { Ids = TraitModels.Ids, Mask = mask, Injection = injection });
                    var from = m.Transformer.Forward(new() { From = new(l, kept), Mask = mask, Injection = injection });
                    Fixtures.AssertSame(whole.Hidden, from.Hidden, $"states from layer {l}");
                    Fixtures.AssertSame(whole.Text, from.Text, $"text states from layer {l}");
                }
    }

    [Theory, MemberData(nameof(Families))]
    public void Gradients_from_a_layers_states_are_those_of_the_whole_pass_bit_for_bit(string family)
    {
        using var scope = NewDisposeScope();
        using var m = new TraitModels(family);
        var first = m.Config.Layers - 1;
        var injection = m.Everything(first);
        Tensor kept;
        using (no_grad())
            kept = m.Transformer.Forward(new()
            {
                Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = injection, Taps = new HashSet<int> { first },
            }).Taps[first];
        if (m.Transformer.SharesLayers) return;                                        // shared weights are trained from the first layer
        Assert.Equal(first, injection.FirstTrainedLayer(m.Transformer));
        var (_, whole) = m.Gradients(new() { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = injection });
        var (_, from) = m.Gradients(new() { From = new(first, kept), Mask = TraitModels.Mask, Injection = injection });
        Assert.NotEmpty(whole);
        foreach (var (i, gradient) in whole.Index()) Fixtures.AssertSame(gradient, from[i], $"gradient {i}");
    }

    [Fact]
    public void The_lowest_trained_layer_is_found_in_every_slot()
    {
        using var scope = NewDisposeScope();
        using var m = new TraitModels("llama");
        var (model, layers) = (m.Transformer, m.Config.Layers);
        var one = () => ones(1).requires_grad_(true);
        Assert.Equal(layers, Injection.None.FirstTrainedLayer(model));
        Assert.Equal(layers, m.Prompt(trained: false).FirstTrainedLayer(model));
        Assert.Equal(0, m.Prompt(trained: true).FirstTrainedLayer(model));
        Assert.Equal(2, Injection.OfPrefix([new(ones(1), ones(1)), null, new(ones(1), one())]).FirstTrainedLayer(model));
        Assert.Equal(1, new Injection { Memory = [ones(1), one(), null] }.FirstTrainedLayer(model));
        var linears = new Dictionary<LinearPlace, LinearOverride>
        {
            [new(0, LinearPart.Up)] = new() { Bias = ones(1) },
            [new(1, LinearPart.Up)] = new() { Down = ones(1), Up = one() },
        };
        Assert.Equal(1, new Injection { Linears = linears }.FirstTrainedLayer(model));
        var replaced = new Dictionary<string, Tensor> { ["layers.1.input_layernorm.weight"] = one(), ["layers.0.input_layernorm.weight"] = ones(1) };
        Assert.Equal(1, new Injection { Parameters = replaced }.FirstTrainedLayer(model));
        Assert.Equal(layers - 1, new Injection { Parameters = new Dictionary<string, Tensor> { ["norm.weight"] = one() } }.FirstTrainedLayer(model));
        using var shared = new TraitModels("albert");
        var name = shared.Transformer.Replaceable.Keys.First(k => k.EndsWith("bias", StringComparison.Ordinal));
        Assert.Equal(0, new Injection { Parameters = new Dictionary<string, Tensor> { [name] = one() } }.FirstTrainedLayer(shared.Transformer));
    }

    [Fact]
    public void States_and_layers_that_do_not_fit_are_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var m = new TraitModels("llama");
        var states = zeros(3, 6, m.Config.Hidden);
        Refused(new() { From = new(m.Config.Layers + 1, states) }, "From.Layer");
        Refused(new() { From = new(2, states), Layers = 1 }, "From.Layer");
        Refused(new() { From = new(1, states.narrow(2, 0, 3)) }, "From.States", $"{m.Config.Hidden}");
        Refused(new() { From = new(1, states.to_type(ScalarType.BFloat16)) }, "From.States", "Float32");
        Refused(new() { From = new(1, states), Mask = ones(3, 5, ScalarType.Int64) }, "Mask", "[3, 6]");
        Refused(new(), "neither Ids nor From");
        Refused(new() { Ids = TraitModels.Ids, Outputs = ones(2, 1, ScalarType.Int64) }, "Outputs", "[3, N]");

        void Refused(ForwardRequest request, params string[] said)
        {
            var message = Assert.ThrowsAny<SkTuningException>(() => m.Transformer.Forward(request)).Message;
            Assert.All(said, s => Assert.Contains(s, message));
        }
    }
}
