using System.Globalization;
using static TorchSharp.torch;

namespace SkTuning.Tests.Models;

/// <summary>The description of a model, and its fingerprint.</summary>
public sealed class ModelDescriptionTests
{
    [Fact]
    public void A_llama_has_a_prefix_and_an_LM_head_and_no_windows()
    {
        var d = Describe("llama");
        Assert.Equal(("llama", true, true, true, false), (d.Family, d.Causal, d.TakesPrefix, d.HasLanguageModelHead, d.HasMaskedLanguageModelHead));
        Assert.Empty(d.Windows);
        Assert.Equal(("F32", 0L), (d.StoredAs, d.QuantizedMemory));
        Assert.Equal(d.Parameters * 4, d.Memory + d.MappedMemory);
        Assert.True(d.Memory > 0 && d.MappedMemory > 0, "matrices are copied to another layout, norms and embeddings stay in the file");
        Assert.Equal(3, d.Layers);
    }

    [Fact]
    public void Windows_are_counted_by_layer()
    {
        var d = Describe("gemma3_text");
        Assert.NotEmpty(d.Windows);
        Assert.All(d.Windows, w => Assert.InRange(w.Key, 0, d.Layers - 1));
        Assert.Contains($"{d.Windows.Values.First()} tokens in {d.Windows.Count} layers", Line(d, "Windows"));
    }

    [Fact]
    public void An_encoder_with_its_masked_head_says_so()
    {
        using var loaded = Load(Path.Combine(Fixtures.Root, "mlm", "bert"));
        var d = loaded.Description;
        Assert.Equal((false, true, false, true), (d.Causal, d.TakesPrefix, d.HasLanguageModelHead, d.HasMaskedLanguageModelHead));
        Assert.Equal("bert (encoder)", Line(d, "Family"));
    }

    [Fact]
    public void A_model_in_bf16_is_in_memory()
    {
        using var loaded = Load(Path.Combine(Fixtures.Root, "models", "llama"), new() { Device = "cpu", Precision = Precision.BFloat16 });
        var d = loaded.Description;
        Assert.Equal(Precision.BFloat16, d.Precision);
        Assert.True(d.Memory > 0 && d.MappedMemory > 0, "matrices are converted, norms and embeddings stay in the file");
        Assert.True(d.Memory + d.MappedMemory < d.Parameters * 4);
    }

    [Fact]
    public void Auto_chooses_bf16_where_the_processor_is_faster_with_it_and_gives_the_reason()
    {
        var words = OperatingSystem.IsLinux() ? string.Join(' ', File.ReadLines("/proc/cpuinfo").TakeWhile(l => l.Length > 0)).Split(' ', '\t') : [];
        Assert.SkipUnless(words.Contains("flags"), "no /proc/cpuinfo to compare with");
        var isFast = words.Contains("amx_bf16") || (words.Contains("avx512_bf16") && !words.Contains("GenuineIntel"));
        var expected = isFast ? Precision.BFloat16 : Precision.Float32;
        using var loaded = Load(Path.Combine(Fixtures.Root, "models", "llama"), new() { Device = "cpu", Precision = Precision.Auto });
        Assert.Equal(expected, loaded.Description.Precision);
        Assert.Contains("_bf16", loaded.Description.PrecisionReason);
        Assert.Equal(words.Contains("avx512_bf16") || words.Contains("amx_bf16"), !loaded.Description.PrecisionReason!.Contains("neither"));
        Assert.Contains($"{expected} on cpu (auto: ", Line(loaded.Description, "Computed in"));
        Assert.Contains(RuntimeSettings.Describe(), l => l.Key == "Precision auto on the CPU"
            && l.Value.StartsWith(expected.ToString(), StringComparison.Ordinal));
        using var chosen = Load(Path.Combine(Fixtures.Root, "models", "llama"));
        Assert.Equal(Precision.Float32, chosen.Description.Precision);
        Assert.Null(chosen.Description.PrecisionReason);
    }

    [Fact]
    public void Copied_weights_are_in_memory()
    {
        using var loaded = Load(Path.Combine(Fixtures.Root, "models", "llama"), new() { Device = "cpu", CopyWeights = true });
        Assert.Equal((loaded.Description.Parameters * 4, 0L), (loaded.Description.Memory, loaded.Description.MappedMemory));
    }

    [Fact]
    public void Every_line_has_its_own_name()
    {
        var lines = Describe("mistral").Lines();
        Assert.Equal(lines.Count, lines.Select(l => l.Key).Distinct().Count());
        string[] asked = ["Family", "Layers x hidden", "Parameters", "Stored as", "Computed in", "Memory", "Quantized blocks", "Context", "Windows", "Prefix",
            "LM head", "Masked-LM head"];
        Assert.All(asked, a => Assert.Contains(a, lines.Select(l => l.Key)));
    }

    [Theory, InlineData("de-DE"), InlineData("ar-SA"), InlineData("sv-SE")]
    public void The_fingerprint_of_traits_is_the_same_in_every_culture(string culture)
    {
        foreach (var family in (string[])["llama", "gemma2", "bert", "mpt"])
        {
            if (!Directory.Exists(Path.Combine(Fixtures.Root, "models", family))) continue;
            var before = CultureInfo.CurrentCulture;
            try
            {
                CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
                using var here = Load(Path.Combine(Fixtures.Root, "models", family));
                CultureInfo.CurrentCulture = new(culture);
                using var there = Load(Path.Combine(Fixtures.Root, "models", family));
                Assert.Equal(here.Traits, there.Traits);
                Assert.Equal(new CultureInfo(culture), CultureInfo.CurrentCulture);
            }
            finally { CultureInfo.CurrentCulture = before; }
        }
    }

    private static ModelDescription Describe(string family)
    {
        using var loaded = Load(Path.Combine(Fixtures.Root, "models", family));
        return loaded.Description;
    }

    private static string Line(ModelDescription d, string name) => d.Lines().Single(l => l.Key == name).Value;

    private static Owned Load(string folder, FrozenModelOptions? options = null)
        => new(FrozenModel.LoadTransformer(folder, options ?? new() { Device = "cpu" }, CPU));

    private sealed record Owned(FrozenModel.Loaded Loaded) : IDisposable
    {
        public ModelDescription Description => Loaded.Description;
        public string Traits => Loaded.Traits;
        public void Dispose() => Loaded.Transformer.Dispose();
    }
}
