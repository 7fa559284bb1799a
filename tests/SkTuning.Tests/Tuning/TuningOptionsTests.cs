using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Tuning;
using SkTuning.Tuning.SkPrefix;

namespace SkTuning.Tests.Tuning;

public sealed class TuningOptionsTests
{
    public static IEnumerable<TheoryDataRow<string>> Methods() => TuningOptions.Names.Select(n => new TheoryDataRow<string>(n));

    [Theory, MemberData(nameof(Methods))]
    public void A_method_is_written_under_its_name_and_read_again_with_its_defaults(string name)
    {
        var options = TuningOptions.Named(name);
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
        Assert.Equal(new SkPrefixOptions { Bottleneck = 8, Dropout = 0.5 }, TuningOptions.Named("sk-prefix", [new("bottleneck", "8"), new("dropout", "0.5")]));
        Assert.Contains("bottlenek", Assert.Throws<SkTuningException>(() => TuningOptions.Named("sk-prefix", [new("bottlenek", "8")])).Message);
        Assert.Contains("bottleneck = wide", Assert.Throws<SkTuningException>(() => TuningOptions.Named("sk-prefix", [new("bottleneck", "wide")])).Message);
        Assert.Contains("1 to 4096", Assert.Throws<SkTuningException>(() => TuningOptions.Named("sk-prefix", [new("bottleneck", "0")])).Message);
        Assert.Contains("sk-prompt", Assert.Throws<SkTuningException>(() => TuningOptions.Named("sk-praefix")).Message);
    }
}
