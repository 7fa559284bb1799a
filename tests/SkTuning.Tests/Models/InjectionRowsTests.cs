using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>Rows of several adapters in one pass have the states that they have in a pass of their own.</summary>
public sealed class InjectionRowsTests
{
    public static TheoryData<string> Families => TraitModels.Families;

    [Theory, MemberData(nameof(Families))]
    public void Each_row_has_the_states_of_its_own_adapter(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = new TraitModels(family);
        var everything = model.Everything(int.MaxValue);
        if (InjectionRows.Refusal(model.Transformer, everything) is not null) everything = everything with { Linears = null, Parameters = null };
        Assert.Null(InjectionRows.Refusal(model.Transformer, everything));
        var shorter = new Injection
        {
            Prefix = everything.Prefix?.Select(p => new LayerPrefix(p!.Keys.narrow(2, 0, 2) * 2, p.Values.narrow(2, 0, 2))).ToList(),
            Linears = everything.Linears?.Where(l => l.Key.Part == LinearPart.Value).ToDictionary(l => l.Key,
                l => new LinearOverride { Down = cat([l.Value.Down!, l.Value.Down!]), Up = cat([l.Value.Up!, l.Value.Up!], 1) * 3, LowRankScale = 0.5 }),
            Parameters = everything.Parameters?.Take(3).ToDictionary(p => p.Key, p => p.Value + 0.3),
        };
        InjectionPart[] parts = [new(everything, 1), new(Injection.None, 2), new(shorter, 2), new(everything, 1)];
        Tensor ids = cat([TraitModels.Ids, TraitModels.Ids]), mask = cat([TraitModels.Mask, TraitModels.Mask]);
        var together = model.Transformer.Forward(new() { Ids = ids, Mask = mask, Injection = new InjectionRows(model.Transformer, parts).Joined() }).Hidden;
        var first = 0L;
        foreach (var (injection, rows) in parts)
        {
            var (own, real) = (ids.narrow(0, first, rows), mask.narrow(0, first, rows));
            var alone = model.Transformer.Forward(new() { Ids = own, Mask = real, Injection = injection }).Hidden;
            var shown = real.unsqueeze(-1);
            Fixtures.AssertClose(alone * shown, together.narrow(0, first, rows) * shown, $"rows from {first}", 2e-5);
            first += rows;
        }
    }

    [Fact]
    public void Prompts_of_one_length_are_joined()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = new TraitModels("llama");
        var (one, ids) = (model.Prompt(false), TraitModels.Ids);
        var two = new Injection { InputPrompt = one.InputPrompt! * -2 };
        var joined = new InjectionRows(model.Transformer, [new(one, 1), new(two, 2)]).Joined();
        var together = model.Transformer.Forward(new() { Ids = ids, Injection = joined }).Text;
        Fixtures.AssertClose(model.Transformer.Forward(new() { Ids = ids.narrow(0, 0, 1), Injection = one }).Text, together.narrow(0, 0, 1), "one", 1e-5);
        Fixtures.AssertClose(model.Transformer.Forward(new() { Ids = ids.narrow(0, 1, 2), Injection = two }).Text, together.narrow(0, 1, 2), "two", 1e-5);
    }

    [Fact]
    public void What_rows_cannot_have_each_for_themselves_is_refused()
    {
        using var scope = NewDisposeScope();
        using var model = new TraitModels("llama");
        var weight = model.Transformer.Replaceable.First(p => p.Value.dim() == 2);
        Assert.NotNull(InjectionRows.Refusal(model.Transformer, new() { Parameters = new Dictionary<string, Tensor> { [weight.Key] = weight.Value } }));
        Assert.NotNull(InjectionRows.Refusal(model.Transformer, new() { PositionOffset = zeros(3) }));
        Assert.Null(InjectionRows.Refusal(model.Transformer, Injection.None));
    }
}
