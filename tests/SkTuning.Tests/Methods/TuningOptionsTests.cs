using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Methods;

namespace SkTuning.Tests.Methods;

public sealed class TuningOptionsTests
{
    public static IEnumerable<TheoryDataRow<string>> Methods() => TuningOptions.Names.Select(n => new TheoryDataRow<string>(n));

    [Theory, MemberData(nameof(Methods))]
    public void A_method_is_written_under_its_name_and_read_again_with_its_defaults(string name)
    {
        var options = TuningOptions.Create(name);
        var json = JsonSerializer.Serialize(options, TuningJson.Default.TuningOptions);
        Assert.StartsWith($"{{\"method\":\"{name}\"", json);
        Assert.Equal(json, Again(json));
        Assert.Equal(json, Again($"{{\"method\":\"{name}\"}}"));
        Assert.Equal(name, options.Name);

        static string Again(string written) => JsonSerializer.Serialize(TuningJson.Read(JsonNode.Parse(written)!.AsObject()), TuningJson.Default.TuningOptions);
    }

    [Fact]
    public void Settings_are_set_by_name_and_refused_by_name()
    {
        Assert.Equal(new SkPrefixOptions { Bottleneck = 8, Dropout = 0.5 }, TuningOptions.Create("sk-prefix", [new("bottleneck", "8"), new("dropout", "0.5")]));
        Assert.Contains("bottlenek", Assert.ThrowsAny<SkTuningException>(() => TuningOptions.Create("sk-prefix", [new("bottlenek", "8")])).Message);
        Assert.Contains("is 'wide'", Assert.ThrowsAny<SkTuningException>(() => TuningOptions.Create("sk-prefix", [new("bottleneck", "wide")])).Message);
        Assert.Contains("1 to 4096", Assert.ThrowsAny<SkTuningException>(() => TuningOptions.Create("sk-prefix", [new("bottleneck", "0")])).Message);
        Assert.Contains("sk-prompt", Assert.ThrowsAny<SkTuningException>(() => TuningOptions.Create("sk-praefix")).Message);
    }

    [Theory]
    [InlineData("sk-prefix", 2e-3), InlineData("prefix", 1e-2), InlineData("lora", 2e-3), InlineData("ia3", 1e-2), InlineData("top-layers", 2e-4)]
    [InlineData("sk-prefix+lora", 2e-3), InlineData("sk-memory", 1e-2), InlineData("ipt", 1e-2)]
    [InlineData("probe", null), InlineData("layer-mix", null), InlineData("auto", null)]
    public void A_method_has_a_learning_rate_of_its_own(string name, double? expected)
        => Assert.Equal(expected, TuningOptions.Create(name).DefaultLearningRate);

    [Fact]
    public void A_rate_that_a_prefix_learns_nothing_with_is_no_methods_default()
        => Assert.All(TuningOptions.Names, n => Assert.True(TuningOptions.Create(n).DefaultLearningRate is null or >= 1e-4 and <= 3e-2, n));

    [Fact]
    public void The_rate_follows_the_settings()
        => Assert.Equal(1e-3, TuningOptions.Create("prefix", [new("start", "random"), new("projection", "8")]).DefaultLearningRate);

    [Fact]
    public void Joined_methods_take_settings_by_the_methods_name_and_are_written_as_one()
    {
        var options = (CompositeOptions)TuningOptions.Create("sk-prefix+lora", [new("lora.rank", "4"), new("sk-prefix.bottleneck", "2")]);
        Assert.Equal("sk-prefix+lora", options.Name);
        Assert.Equal(new SkPrefixOptions { Bottleneck = 2 }, options.Parts[0]);
        Assert.Equal(4, ((LoraOptions)options.Parts[1]).Rank);
        var json = JsonSerializer.Serialize<TuningOptions>(options, TuningJson.Default.TuningOptions);
        Assert.StartsWith("{\"method\":\"composite\",\"parts\":[{\"method\":\"sk-prefix\"", json);
        var again = TuningJson.Read(JsonNode.Parse(json)!.AsObject());
        Assert.Equal(json, JsonSerializer.Serialize(again, TuningJson.Default.TuningOptions));
        var parts = JsonNode.Parse("""{"method":"composite","parts":[{"method":"sk-prefix"},{"method":"ia3"}]}""")!.AsObject();
        Assert.Equal(new SkPrefixOptions(), ((CompositeOptions)TuningJson.Read(parts)).Parts[0]);
    }

    [Theory]
    [InlineData("sk-prefix+prefix", "sk-prefix and prefix"), InlineData("lora+sk-prefix+prompt", "sk-prefix and prompt")]
    [InlineData("lora+lora", "each method once"), InlineData("sk-prefix+probe", "probe")]
    [InlineData("lora+authors-llm", "authors-llm"), InlineData("lora+", "no tuning method ''"), InlineData("lora+nothing", "'nothing'")]
    public void Methods_that_cannot_stand_beside_each_other_are_refused_by_name(string name, string expected)
        => Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(() => TuningOptions.Create(name)).Message);

    [Fact]
    public void Joined_methods_read_the_same_words_of_the_prompt()
    {
        var words = (string first, string second) => TuningOptions.Create("sk-prefix+sk-memory",
            [new("sk-prefix.promptWords", first), new("sk-memory.promptWords", second)]);
        Assert.Equal(PromptWords.Random, words("random", "random").WordsRead);
        Assert.Equal(PromptWords.Random, words("asWritten", "random").WordsRead);
        Assert.Contains("the same PromptWords", Assert.ThrowsAny<SkTuningException>(() => words("random", "permuted")).Message);
    }

    [Theory]
    [InlineData("rank", "lora.rank"), InlineData("ia3.rank", "lora.rank"), InlineData("lora.rnak", "rnak")]
    public void A_setting_of_joined_methods_that_is_nobodys_is_refused_by_name(string setting, string expected)
        => Assert.Contains(expected, Assert.ThrowsAny<SkTuningException>(() => TuningOptions.Create("sk-prefix+lora", [new(setting, "4")])).Message);
}
