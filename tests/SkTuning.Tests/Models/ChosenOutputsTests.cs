using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>The last layer gives the same states and gradients at chosen positions only as in the whole layer.</summary>
public sealed class ChosenOutputsTests
{
    public static TheoryData<string> Families => TraitModels.Families;

    private static Tensor Last => tensor(new long[] { 5, 3, 4 }, [3, 1]).Here();

    private static Tensor Several => tensor(new long[] { 0, 5, 2, 3, 0, 1, 4, 4, 0 }, [3, 3]).Here();

    [Theory, MemberData(nameof(Families))]
    public void States_are_those_of_the_whole_layer(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var m = new TraitModels(family);
        foreach (var layers in (int[])[1, m.Config.Layers])
            foreach (var injection in (Injection[])[Injection.None, m.Everything(0), m.Prompt(trained: false)])
                foreach (var places in (Tensor[])[Last, Several])
                {
                    var request = new ForwardRequest { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = injection, Layers = layers };
                    var expected = Chosen(m.Transformer.Forward(request).Text, places);
                    Close(expected, m.Transformer.Forward(request with { Outputs = places }).Text, $"{layers} layers");
                    // A tap after the last layer holds all positions, so the whole layer runs.
                    var tapped = m.Transformer.Forward(request with { Outputs = places, Taps = new HashSet<int> { layers } });
                    Close(expected, tapped.Text, $"{layers} layers and a tap");
                    Assert.Equal(TraitModels.Ids.shape[1] + (injection.InputPrompt?.shape[1] ?? 0), tapped.Taps[layers].shape[1]);
                }
    }

    [Theory, MemberData(nameof(Families))]
    public void Gradients_are_those_of_the_whole_layer(string family)
    {
        using var scope = NewDisposeScope();
        using var m = new TraitModels(family);
        var injection = m.Everything(0);
        var request = new ForwardRequest { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = injection };
        var trained = TraitModels.Trained(injection);
        var expected = Gradients(() => Chosen(m.Transformer.Forward(request).Text, Several));
        foreach (var recomputes in (bool[])[false, true])
            foreach (var (i, gradient) in
                Gradients(() => m.Transformer.Forward(request with { Outputs = Several, RecomputesLayers = recomputes }).Text).Index())
                Close(expected[i], gradient, $"gradient {i}", 3e-6);              // with the other shape, each layer sums in another order in backward

        List<Tensor> Gradients(Func<Tensor> states)
        {
            foreach (var t in trained) t.grad = null;
            var made = states();
            (made * randn(made.shape, generator: new Generator(9)).Here()).sum().backward();
            return [.. trained.Select(t => t.grad!.clone())];
        }
    }

    /// <summary>Compares to a millionth of the largest value, which is the precision of a sum in fp32.</summary>
    private static void Close(Tensor expected, Tensor found, string what, double tolerance = 1e-6)
    {
        var size = Math.Max(1, expected.abs().max().item<float>());
        Fixtures.AssertClose(expected / size, found / size, what, tolerance);
    }

    private static Tensor Chosen(Tensor states, Tensor places)
        => states.gather(1, places.unsqueeze(-1).expand(places.shape[0], places.shape[1], states.shape[2]));
}
