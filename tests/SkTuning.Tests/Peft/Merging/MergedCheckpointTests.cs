using SkTuning.Checkpoints;
using SkTuning.Models;
using SkTuning.Peft;
using SkTuning.Peft.Merging;
using SkTuning.Tests.Models;
using static TorchSharp.torch;

namespace SkTuning.Tests.Peft.Merging;

/// <summary>Merged weights compute the same as the adapter with the frozen weights, in every family: for whole linear layers and parts of fused ones.</summary>
public sealed class MergedCheckpointTests
{
    public static IEnumerable<TheoryDataRow<string>> Families()
        => Fixtures.Folders("models", "config.json", "model.safetensors").Select(f => new TheoryDataRow<string>(f));

    [Theory, MemberData(nameof(Families))]
    public void Merged_is_live(string family)
    {
        using var scope = NewDisposeScope();
        var source = Path.Combine(Fixtures.Root, "models", family);
        var live = FrozenModel.LoadTransformer(source, new() { Device = "cpu" }, CPU);
        using var transformer = live.Transformer;
        if (transformer.SharesLayers)
        {
            var refused = Assert.ThrowsAny<SkTuningException>(() => WeightChanges.Of("lora", transformer,
                Everything(transformer, _ => true, new Generator(1))));
            Assert.Contains("share their weights", refused.Message);
            return;
        }
        // Whole linear layers; parts of fused ones; both together.
        foreach (var (name, chosen) in ((string, Func<LinearSite, bool>)[])[("whole", s => s.Module is not null),
            ("parts", s => s.Module is null || !IsFused(s)), ("both", _ => true)])
        {
            if (name != "whole" && transformer.Linears.Sites.All(s => s.Module is not null)) continue;
            Same(source, live, Everything(transformer, chosen, new Generator(3)), $"{family}, {name}");
        }

        static bool IsFused(LinearSite site) => site.Place.Part is LinearPart.QueryKeyValue or LinearPart.GateUp;
    }

    [Theory, InlineData("gpt2"), InlineData("bert"), InlineData("llama")]
    public void Tensors_in_place_of_frozen_ones_are_merged(string family)
    {
        using var scope = NewDisposeScope();
        var source = Path.Combine(Fixtures.Root, "models", family);
        var live = FrozenModel.LoadTransformer(source, new() { Device = "cpu" }, CPU);
        using var transformer = live.Transformer;
        var generator = new Generator(5);
        var changed = transformer.Replaceable.ToDictionary(r => r.Key, r => r.Value + randn(r.Value.shape, generator: generator) * 0.1);
        Same(source, live, new() { Parameters = changed }, family);
    }

    [Fact]
    public void Norms_by_their_old_names_keep_them()
    {
        using var scope = NewDisposeScope();
        using var folder = ModelFolder.From(Path.Combine(Fixtures.Root, "models", "bert"),
            rename: n => n.Replace("LayerNorm.weight", "LayerNorm.gamma").Replace("LayerNorm.bias", "LayerNorm.beta"));
        var live = FrozenModel.LoadTransformer(folder.Location, new() { Device = "cpu" }, CPU);
        using var transformer = live.Transformer;
        var changed = transformer.Replaceable.Where(r => r.Key.Contains("LayerNorm")).ToDictionary(r => r.Key, r => r.Value * 1.5f + 0.1f);
        Same(folder.Location, live, new() { Parameters = changed }, "gamma");
    }

    [Fact]
    public void A_bias_for_a_linear_without_one_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        var source = Path.Combine(Fixtures.Root, "models", "llama");
        var live = FrozenModel.LoadTransformer(source, new() { Device = "cpu" }, CPU);
        using var transformer = live.Transformer;
        var site = transformer.Linears.Sites[0];
        var refused = Assert.ThrowsAny<SkTuningException>(() => Same(source, live,
            new() { Linears = new Dictionary<LinearPlace, LinearOverride> { [site.Place] = new() { Bias = ones(site.Outputs) } } }, "bias"));
        Assert.Contains(site.Module!, refused.Message);
    }

    [Fact]
    public void What_no_weight_stands_for_is_refused_by_the_methods_name()
    {
        using var scope = NewDisposeScope();
        using var transformer = FrozenModel.LoadTransformer(Path.Combine(Fixtures.Root, "models", "llama"), new() { Device = "cpu" }, CPU).Transformer;
        foreach (var injection in (Injection[])[Injection.None, new() { InputPrompt = ones(1, 2, transformer.Config.Hidden) }])
            Assert.Contains("some-method", Assert.ThrowsAny<SkTuningException>(() => WeightChanges.Of("some-method", transformer, injection)).Message);
    }

    [Fact]
    public void Weights_are_stored_as_they_were_or_exactly()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        var live = FrozenModel.LoadTransformer(Fixtures.Tiny, new() { Device = "cpu" }, CPU);
        using var transformer = live.Transformer;
        var site = transformer.Linears.Sites.First(s => s.Place.Part == LinearPart.Query);
        var injection = new Injection
        {
            Linears = new Dictionary<LinearPlace, LinearOverride> { [site.Place] = new() { OutputScale = full(site.Outputs, 1.2345f) } },
        };
        using var source = CheckpointFolder.Open(Fixtures.Tiny);
        var name = MergedCheckpoint.Prefix(transformer, live.Names) + site.Module + ".weight";
        foreach (var (dtype, stored) in (ReadOnlySpan<(MergedDtype, string)>)[(MergedDtype.Exact, "F32"), (MergedDtype.AsStored, "F16")])
        {
            var written = new MergedCheckpoint(source, MergedCheckpoint.Prefix(transformer, live.Names),
                WeightChanges.Of("ia3", transformer, injection), dtype);
            Assert.Equal(stored == "F32", written.Widens);
            Directory.CreateDirectory(folder[stored]);
            written.Write(folder[stored], null, CancellationToken.None);
            using var merged = CheckpointFolder.Open(folder[stored]);
            Assert.Equal(source.Entries.Keys.Order(), merged.Entries.Keys.Order());
            foreach (var entry in source.Entries.Values)
            {
                if (entry.Name == name) Assert.Equal(stored, merged.Entry(name).StoredAs);
                else Fixtures.AssertSame(source.Read(entry.Name), merged.Read(entry.Name), entry.Name);
            }
            var expected = source.Read(name).to_type(ScalarType.Float32) * 1.2345f;
            Fixtures.AssertClose(stored == "F32" ? expected : expected.to_type(ScalarType.Float16), merged.Read(name), name, 1e-7);
        }
    }

    /// <summary>Fills every slot of the chosen linear layers; the bias only if the checkpoint has one.</summary>
    private static Injection Everything(Transformer transformer, Func<LinearSite, bool> chosen, Generator generator)
    {
        return new()
        {
            Linears = transformer.Linears.Sites.Where(chosen).ToDictionary(s => s.Place, s => new LinearOverride
            {
                Down = Random(2, s.Inputs), Up = Random(s.Outputs, 2), LowRankScale = 0.7,
                InputScale = 1 + Random(s.Inputs), OutputScale = 1 + Random(s.Outputs),
                Bias = transformer.Replaceable.ContainsKey(s.Module + ".bias") ? Random(s.Outputs) : null,
            }),
        };

        Tensor Random(params long[] shape) => randn(shape, generator: generator) * 0.1;
    }

    private static void Same(string source, FrozenModel.Loaded live, Injection injection, string what)
    {
        using var folder = new TemporaryFolder();
        using (var checkpoint = CheckpointFolder.Open(source))
            new MergedCheckpoint(checkpoint, MergedCheckpoint.Prefix(live.Transformer, live.Names), WeightChanges.Of("lora", live.Transformer, injection),
                MergedDtype.Exact).Write(folder.Path, null, CancellationToken.None);
        File.Copy(Path.Combine(source, "config.json"), folder["config.json"]);
        using var merged = FrozenModel.LoadTransformer(folder.Path, new() { Device = "cpu" }, CPU).Transformer;
        var ids = randint(1, Math.Min(live.Transformer.Config.Vocabulary, 60), [2, 9], ScalarType.Int64, generator: new Generator(9));
        using var off = no_grad();
        var (expected, plain) = (live.Transformer.Forward(new() { Ids = ids, Injection = injection }).Text, live.Transformer.Forward(new() { Ids = ids }).Text);
        Assert.True((expected - plain).abs().max().item<float>() > 1e-2, "the adapter does nothing");
        Fixtures.AssertClose(expected, merged.Forward(new() { Ids = ids }).Text, what, 1e-5);
    }
}
