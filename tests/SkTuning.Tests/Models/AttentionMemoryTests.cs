using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>
/// The memory of an injection against plain loops. Gradients, recomputed layers, chosen positions, starts from kept states and padding are tested with the
/// other slots: <see cref="TraitModels.Everything"/> and <see cref="BatchInvarianceTests"/>.
/// </summary>
public sealed class AttentionMemoryTests
{
    private static Tensor Ids => TraitModels.Ids;

    [Fact]
    public void A_layer_adds_what_its_queries_find_before_rotary_positions_and_before_the_output_projection()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var m = new TraitModels("llama");
        var (a, width) = (m.Config.Attention, m.Config.Hidden);
        var memory = Random(a.Heads, a.HeadSize, a.HeadSize);
        // Without its feed-forward network, the layer is x + W_o(attention + φ(q)ᵀM).
        var silent = new Injection { Linears = One(m, LinearPart.Down, s => new() { OutputScale = zeros(s.Outputs).Here() }) };
        var request = new ForwardRequest { Ids = Ids, Layers = 1, Injection = silent, Taps = new HashSet<int> { 0 } };
        var without = m.Transformer.Forward(request);
        var with = m.Transformer.Forward(request with { Injection = silent with { Memory = Only(m, memory.unsqueeze(0)) } });
        var added = Numbers(with.Hidden - without.Hidden);

        var (x, norm, wq) = (Numbers(without.Taps[0]), Weight("input_layernorm"), Weight("self_attn.q_proj"));
        var (wo, matrix) = (Weight("self_attn.o_proj"), Numbers(memory));
        for (var t = 0; t < Ids.shape[0] * Ids.shape[1]; t++)
        {
            var own = x.AsSpan(t * width, width).ToArray();
            var rms = Math.Sqrt(own.Sum(v => v * v) / width + 1e-5);
            var queries = Times(wq, [.. own.Select((v, d) => v / rms * norm[d])]);
            var found = new double[a.Heads * a.HeadSize];
            for (var h = 0; h < a.Heads; h++)
                for (var i = 0; i < a.HeadSize; i++)
                    for (var j = 0; j < a.HeadSize; j++)
                        found[h * a.HeadSize + j] += Feature(queries[h * a.HeadSize + i]) * matrix[(h * a.HeadSize + i) * a.HeadSize + j];
            foreach (var (d, expected) in Times(wo, found).Index()) Assert.Equal(expected, added[t * width + d], 2e-5);
        }

        double[] Weight(string name) => Numbers(m.Transformer.Replaceable[$"layers.0.{name}.weight"]);
    }

    [Theory, InlineData("bert"), InlineData("deberta-v2"), InlineData("llama"), InlineData("bloom"), InlineData("opt")]
    public void For_queries_of_zero_it_is_a_bias_in_every_family(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var m = new TraitModels(family);
        var a = m.Config.Attention;
        var memory = Random(a.Heads, a.HeadSize, a.HeadSize);
        var neutral = One(m, LinearPart.Query, s => new() { OutputScale = zeros(s.Outputs).Here() });
        var output = m.Transformer.Linears.Sites.First(s => s.Place == new LinearPlace(0, LinearPart.Output));
        var biased = new Dictionary<LinearPlace, LinearOverride>(neutral)
        {
            [output.Place] = new() { Bias = m.Transformer.Replaceable[output.Module + ".weight"].mv(memory.sum([1L]).flatten()) },
        };
        var request = new ForwardRequest { Ids = Ids, Mask = TraitModels.Mask };
        var expected = m.Transformer.Forward(request with { Injection = new() { Linears = biased } }).Hidden;
        var found = m.Transformer.Forward(request with { Injection = new() { Linears = neutral, Memory = Only(m, memory.unsqueeze(0)) } }).Hidden;
        Fixtures.AssertClose(expected, found, "states", 2e-5);
        var plain = m.Transformer.Forward(request with { Injection = new() { Linears = neutral } }).Hidden;
        Assert.True((plain - found).abs().max().item<float>() > 1e-2);
    }

    [Fact]
    public void Each_row_of_a_batch_may_have_its_own()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var m = new TraitModels("llama");
        var a = m.Config.Attention;
        var memories = Random(Ids.shape[0], a.Heads, a.HeadSize, a.HeadSize);
        var together = m.Transformer.Forward(new() { Ids = Ids, Injection = new() { Memory = Only(m, memories) } }).Hidden;
        for (var r = 0; r < Ids.shape[0]; r++)
        {
            var injection = new Injection { Memory = Only(m, memories.narrow(0, r, 1)) };
            Fixtures.AssertClose(m.Transformer.Forward(new() { Ids = Ids[r].unsqueeze(0), Injection = injection }).Hidden[0], together[r], $"row {r}", 1e-5);
        }
    }

    [Fact]
    public void Wrong_shapes_are_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var m = new TraitModels("llama");
        Refused([zeros(1, 2, 8, 8), null, null], "memory of layer 0", "[1, 2, 8, 8]", "[1 or 3, 4, 8, 8]");
        Refused([null, null, zeros(2, 4, 8, 8)], "memory of layer 2");
        Refused([null, null], "The memory has 2 layers, the model has 3.");

        void Refused(Tensor?[] memory, params string[] said)
        {
            var message = Assert.ThrowsAny<SkTuningException>(() => m.Transformer.Forward(new() { Ids = Ids, Injection = new() { Memory = memory } })).Message;
            Assert.All(said, s => Assert.Contains(s, message));
        }
    }

    /// <summary>The naive φ(x) = elu(x) + 1.</summary>
    internal static double Feature(double x) => x > 0 ? x + 1 : Math.Exp(x);

    internal static double[] Numbers(Tensor t) => t.detach().to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();

    private static double[] Times(double[] weight, double[] x)
        => [.. Enumerable.Range(0, weight.Length / x.Length).Select(o => x.Select((v, i) => v * weight[o * x.Length + i]).Sum())];

    private static Tensor Random(params long[] shape) => randn(shape, generator: new Generator(6)).Here();

    /// <summary>A memory in the first layer only.</summary>
    private static Tensor?[] Only(TraitModels m, Tensor memory) => [memory, .. new Tensor?[m.Config.Layers - 1]];

    private static Dictionary<LinearPlace, LinearOverride> One(TraitModels m, LinearPart part, Func<LinearSite, LinearOverride> change)
        => m.Transformer.Linears.Sites.Where(s => s.Place == new LinearPlace(0, part)).ToDictionary(s => s.Place, change);
}
