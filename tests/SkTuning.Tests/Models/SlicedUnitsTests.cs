using System.Security.Cryptography;
using SkTuning.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>A model with fewer feed-forward units computes what the whole one with a mask does, and leaves the whole one alone.</summary>
public sealed class SlicedUnitsTests
{
    public static TheoryData<string> Families =>
        [.. Fixtures.Folders("models", "config.json").Where(n => n is not ("mixtral" or "albert" or "mistral" or "falcon-7b"))];

    [Theory, MemberData(nameof(Families))]
    public void Sliced_weights_compute_what_a_mask_does(string family)
    {
        using var scope = NewDisposeScope();
        using var model = new TraitModels(family);
        var kept = Some(model.Transformer);
        using var sliced = model.Transformer.Pruned(kept, TestDevice.Torch);
        var masks = kept.Select((units, l) => zeros(model.Transformer.InnerSizes[l]).Here()
            .index_fill_(0, tensor([.. units.Select(u => (long)u)]).Here(), 1)).ToList();
        var (given, prompt) = (model.Everything(0) with { Linears = null, Parameters = null }, model.Prompt(trained: true));
        given = given with { InputPrompt = prompt.InputPrompt };
        var (masked, expected) = model.Gradients(new() { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = given.Scaled(masks) });
        var (states, gradients) = Gradients(sliced, given);
        Fixtures.AssertClose(masked, states, "states", 1e-5);
        foreach (var (e, g) in expected.Zip(gradients)) Fixtures.AssertClose(e, g, "gradient", 1e-5);
        // Without the mask, the whole model computes something else.
        using var off = no_grad();
        var whole = model.Transformer.Forward(new() { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = given }).Hidden;
        Assert.True((whole - states).abs().max().item<float>() > 1e-3);
    }

    [Theory, MemberData(nameof(Families))]
    public void All_units_are_the_whole_model_bit_for_bit_also_where_they_are_copied(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = new TraitModels(family);
        var all = model.Transformer.InnerSizes.Select(size => Enumerable.Range(0, size).ToArray()).ToList();
        var request = new ForwardRequest { Ids = TraitModels.Ids, Mask = TraitModels.Mask };
        var expected = model.Transformer.Forward(request).Hidden;
        using (var same = model.Transformer.Pruned(all, TestDevice.Torch))
        {
            Assert.Equal(0, same.SlicedBytes);
            Fixtures.AssertSame(expected, same.Forward(request).Hidden, "all units");
        }
        using var copied = model.Transformer.Pruned(all, TestDevice.Torch, copiesAll: true);
        Assert.True(copied.SlicedBytes > 0);
        Fixtures.AssertSame(expected, copied.Forward(request).Hidden, "copied units");
    }

    [Theory, InlineData("llama"), InlineData("gpt2"), InlineData("phi3"), InlineData("bert")]
    public void Everything_that_a_method_changes_has_the_sizes_of_the_slices(string family)
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = new TraitModels(family);
        var before = Hash(model.Transformer);
        var kept = Some(model.Transformer);
        var request = new ForwardRequest { Ids = TraitModels.Ids, Mask = TraitModels.Mask };
        var whole = model.Transformer.Forward(request).Hidden;
        using (var sliced = model.Transformer.Pruned(kept, TestDevice.Torch))
        {
            Assert.Equal(kept.Select(k => k.Length), sliced.InnerSizes);
            foreach (var (l, units) in kept.Index()) Assert.Equal(units.Length, sliced.Linears[new(l, LinearPart.Down)].Inputs);
            var expected = sliced.Forward(request).Hidden;
            var empty = new Injection { Linears = sliced.Linears.Sites.ToDictionary(s => s.Place, _ => new LinearOverride()) };
            Fixtures.AssertSame(expected, sliced.Forward(request with { Injection = empty }).Hidden, "empty overrides");
            var same = new Injection { Parameters = sliced.Replaceable };
            Fixtures.AssertSame(expected, sliced.Forward(request with { Injection = same }).Hidden, "the same tensors");
            Assert.Equal(sliced.Tensors.Select(t => t.Name).Order(), model.Transformer.Tensors.Select(t => t.Name).Order());
            long Size(Transformer of) => of.Tensors.Sum(t => t.Value.NumberOfElements);
            Assert.True(Size(sliced) < Size(model.Transformer));
        }
        Assert.Equal(before, Hash(model.Transformer));
        Fixtures.AssertSame(whole, model.Transformer.Forward(request).Hidden, "the whole model");
    }

    [Fact]
    public void Layers_that_share_weights_share_the_slices()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        using var model = new TraitModels("albert");
        int[] units = [1, 4, 5, 20];
        var kept = model.Transformer.InnerSizes.Select(_ => units).ToList();
        using var sliced = model.Transformer.Pruned(kept, TestDevice.Torch);
        var mask = zeros(model.Transformer.InnerSizes[0]).Here().index_fill_(0, tensor([.. units.Select(u => (long)u)]).Here(), 1);
        var request = new ForwardRequest { Ids = TraitModels.Ids, Mask = TraitModels.Mask };
        var masked = model.Transformer.Forward(request with { Injection = Injection.None.Scaled([.. kept.Select(_ => mask)]) }).Hidden;
        Fixtures.AssertClose(masked, sliced.Forward(request).Hidden, "states", 1e-5);
        var values = model.Config.Hidden * units.Length * 2L + units.Length + model.Config.Hidden;
        Assert.Equal(values * sizeof(float), sliced.SlicedBytes);
        kept[1] = [1, 4, 5, 21];
        Assert.Contains("shares its weights", Assert.Throws<SkTuningException>(() => model.Transformer.Pruned(kept, TestDevice.Torch)).Message);
    }

    [Fact]
    public void Quantized_blocks_are_sliced_like_their_numbers()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var file = Path.Combine(Fixtures.Root, "gguf", "llama-q4_0.gguf");
        using var kept = Load(keep: true);
        using var numbers = Load(keep: false);
        var units = Some(kept);
        using var first = kept.Pruned(units, CPU);
        using var second = numbers.Pruned(units, CPU);
        var ids = tensor(new long[] { 7, 33, 12, 95 }, [1, 4]);
        Fixtures.AssertClose(second.Forward(new() { Ids = ids }).Hidden, first.Forward(new() { Ids = ids }).Hidden, "states", 1e-5);

        Transformer Load(bool keep) => FrozenModel.LoadTransformer(file, new() { Device = "cpu", KeepQuantized = keep }, CPU).Transformer;
    }

    [Fact]
    public void A_mixture_and_units_that_do_not_exist_are_refused_by_name()
    {
        using (var mixture = new TraitModels("mixtral"))
        {
            Assert.Contains("mixture of experts", mixture.Transformer.PruningRefusal);
            Assert.Contains("mixtral", Assert.Throws<SkTuningException>(() => mixture.Transformer.Pruned([[0], [0]], TestDevice.Torch)).Message);
        }
        using var model = new TraitModels("llama");
        var size = model.Transformer.InnerSizes[0];
        foreach (var units in (int[][])[[], [-1, 2], [2, 1], [1, 1], [size]])
        {
            var refused = Assert.Throws<SkTuningException>(() => model.Transformer.Pruned([[0], units, [0]], TestDevice.Torch));
            Assert.Contains($"layer 1 are not ascending numbers from 0 to {size - 1}", refused.Message);
        }
        Assert.Contains("1 layers", Assert.Throws<SkTuningException>(() => model.Transformer.Pruned([[0]], TestDevice.Torch)).Message);
    }

    /// <summary>About half of the units of each layer, one fewer in each next layer.</summary>
    private static List<int[]> Some(Transformer model)
        => [.. model.InnerSizes.Select((size, l) => Enumerable.Range(0, size).Where(u => (u * 7 + 3 * l) % 5 < 3).Skip(l).ToArray())];

    private static (Tensor States, List<Tensor> Gradients) Gradients(Transformer model, Injection injection)
    {
        var trained = TraitModels.Trained(injection);
        foreach (var t in trained) t.grad = null;
        var states = model.Forward(new() { Ids = TraitModels.Ids, Mask = TraitModels.Mask, Injection = injection }).Hidden;
        (states * randn(states.shape, generator: new Generator(9)).Here()).sum().backward();
        return (states.detach(), [.. trained.Select(t => t.grad!.clone())]);
    }

    private static string Hash(Transformer model)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, value) in model.Tensors) hash.AppendData(value.cpu().contiguous().bytes);
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}
