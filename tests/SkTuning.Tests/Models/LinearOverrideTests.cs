using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>
/// Changes to linears: none by default, the same for a part of a fused weight as for its rows of the whole, and wrong shapes never reach torch.
/// </summary>
public sealed class LinearOverrideTests
{
    private static Tensor Ids => tensor(new long[] { 7, 33, 12, 95, 20, 8 }, [2, 3]);

    [Theory, InlineData("llama"), InlineData("gpt2"), InlineData("bloom"), InlineData("falcon-40b"), InlineData("phi3"), InlineData("bert"),
        InlineData("deberta-v2"), InlineData("albert")]
    public void Empty_overrides_and_tensors_replaced_by_themselves_change_no_bit(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = Load(family);
        var plain = model.Forward(new() { Ids = Ids }).Text;
        var empty = new Injection { Linears = model.Linears.Sites.ToDictionary(s => s.Place, _ => new LinearOverride()) };
        Fixtures.AssertSame(plain, model.Forward(new() { Ids = Ids, Injection = empty }).Text, "empty overrides");
        var same = new Injection { Parameters = model.Replaceable };
        Fixtures.AssertSame(plain, model.Forward(new() { Ids = Ids, Injection = same }).Text, "the same tensors");
    }

    [Theory, InlineData("gpt2", nameof(LinearPart.QueryKeyValue)), InlineData("phi3", nameof(LinearPart.QueryKeyValue)),
        InlineData("phi3", nameof(LinearPart.GateUp))]
    public void A_part_of_a_fused_linear_changes_like_its_rows_of_the_whole(string family, string fusedPart)
    {
        var fused = Enum.Parse<LinearPart>(fusedPart);
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = Load(family);
        var generator = new Generator(5);
        LinearPart[] parts = fused == LinearPart.GateUp ? [LinearPart.Gate, LinearPart.Up] : [LinearPart.Query, LinearPart.Key, LinearPart.Value];
        var whole = model.Linears[new(1, fused)];
        var offset = 0L;
        foreach (var part in parts)
        {
            var site = model.Linears[new(1, part)];
            var (down, up, scale) = (randn([2, site.Inputs], generator: generator), randn([site.Outputs, 2], generator: generator),
                rand([site.Outputs], generator: generator));
            var (wideUp, wideScale) = (zeros(whole.Outputs, 2), ones(whole.Outputs));
            wideUp.narrow(0, offset, site.Outputs).copy_(up);
            wideScale.narrow(0, offset, site.Outputs).copy_(scale);
            Fixtures.AssertClose(Text(fused, new() { Down = down, Up = wideUp, OutputScale = wideScale }),
                Text(part, new() { Down = down, Up = up, OutputScale = scale }), $"{part}", 1e-5);
            offset += site.Outputs;
        }
        Assert.Equal(whole.Outputs, offset);
        // An input scale belongs to one part only, so scaling the input of all parts is the same as scaling that of the whole.
        var input = rand([whole.Inputs], generator: generator);
        var each = new Injection { Linears = parts.ToDictionary(p => new LinearPlace(1, p), _ => new LinearOverride { InputScale = input }) };
        Fixtures.AssertClose(Text(fused, new() { InputScale = input }), model.Forward(new() { Ids = Ids, Injection = each }).Text, "scaled inputs", 1e-5);

        Tensor Text(LinearPart part, LinearOverride change)
            => model.Forward(new() { Ids = Ids, Injection = new() { Linears = new Dictionary<LinearPlace, LinearOverride> { [new(1, part)] = change } } }).Text;
    }

    [Fact]
    public void Wrong_shapes_places_and_names_are_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var model = Load("llama");
        Refused(Linear(LinearPart.Query, new() { InputScale = ones(31) }), "InputScale", "[32]");
        Refused(Linear(LinearPart.Key, new() { OutputScale = ones(32) }), "OutputScale", "[16]");
        Refused(Linear(LinearPart.Value, new() { Down = ones(2, 32), Up = ones(16, 3) }), "Up", "[16, 2]");
        Refused(Linear(LinearPart.Value, new() { Down = ones(2, 32) }), "one factor", "two");
        Refused(Linear(LinearPart.Down, new() { Bias = ones(1, 32) }), "Bias", "[32]");
        Refused(Linear(LinearPart.QueryKeyValue, new()), "QueryKeyValue", "layer 0");
        Refused(new() { Parameters = new Dictionary<string, Tensor> { ["layers.0.nothing"] = ones(1) } }, "layers.0.nothing", "such as");
        Refused(new() { Parameters = new Dictionary<string, Tensor> { ["norm.weight"] = ones(31) } }, "norm.weight", "[32]");

        void Refused(Injection injection, params string[] said)
        {
            var message = Assert.ThrowsAny<SkTuningException>(() => model.Forward(new() { Ids = Ids, Injection = injection })).Message;
            Assert.All(said, s => Assert.Contains(s, message));
        }

        static Injection Linear(LinearPart part, LinearOverride change)
            => new() { Linears = new Dictionary<LinearPlace, LinearOverride> { [new(0, part)] = change } };
    }

    private static Transformer Load(string family)
        => FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", family), new() { Device = "cpu" }, CPU).Transformer;
}
