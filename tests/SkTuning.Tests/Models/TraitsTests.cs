using System.Globalization;
using SkTuning.Models;
using SkTuning.Models.Families;

namespace SkTuning.Tests.Models;

public sealed class TraitsTests
{
    private static string Hash(string folder, string config = "config.json")
    {
        var json = ConfigJson.Load(Path.Combine(folder, config));
        return Traits.Hash(ModelFamily.Of(json).Read(json));
    }

    [Fact]
    public void The_hash_is_the_same_in_every_culture_and_for_both_config_styles()
    {
        var llama = Path.Combine(Fixtures.Root, "models", "llama");
        Assert.SkipUnless(Directory.Exists(llama), "the llama fixture is not here");
        var before = CultureInfo.CurrentCulture;
        try
        {
            var expected = Hash(llama);
            Assert.Equal(expected, Hash(llama, "config.v4.json"));
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo("de-DE");
            Assert.Equal(expected, Hash(llama));
        }
        finally { CultureInfo.CurrentCulture = before; }
    }

    [Fact]
    public void Families_with_other_traits_have_other_hashes()
    {
        var hashes = Fixtures.Folders("models", "config.json").Select(f => Hash(Path.Combine(Fixtures.Root, "models", f))).ToList();
        Assert.Equal(hashes.Count, hashes.Distinct().Count());
    }

    [Fact]
    public void The_embedded_model_keeps_its_hash() => Assert.Equal("94904DEC4D38D060498D9056931EDA5D", Hash(Fixtures.Tiny));
}
