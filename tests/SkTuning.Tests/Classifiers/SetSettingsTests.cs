using System.Text.Json.Nodes;
using SkTuning.Classifiers.SingleLabel;

namespace SkTuning.Tests.Classifiers;

/// <summary>How sets of possible labels are read from the settings of an adapter.</summary>
public sealed class SetSettingsTests
{
    [Theory]
    [InlineData("setRows", 0, true)]
    [InlineData("setRows", int.MaxValue, true)]
    [InlineData("setRows", int.MaxValue + 1.0, false)]
    [InlineData("setRows", -1, false)]
    [InlineData("setRows", 1.5, false)]
    [InlineData("setMaxChoices", 1, true)]
    [InlineData("setMaxChoices", 0, false)]
    [InlineData("setTemperature", 1000, true)]
    [InlineData("setTemperature", 1000.5, false)]
    [InlineData("setTemperature", 0, false)]
    [InlineData("setCoverage", 0.001, true)]
    [InlineData("setCoverage", 0, false)]
    [InlineData("setCoverage", 1, false)]
    public void A_number_out_of_range_is_refused_by_its_key(string key, double number, bool isValid)
    {
        var settings = new JsonObject { ["setCoverage"] = 0.9, ["setThreshold"] = 0.5, [key] = number };
        if (isValid) Assert.NotNull(Read(settings));
        else Assert.Contains(key, Assert.ThrowsAny<SkTuningException>(() => Read(settings)).Message);
    }

    [Fact]
    public void What_is_not_written_has_its_default()
    {
        var sets = Read(new() { ["setCoverage"] = 0.9, ["setThreshold"] = 0.5 })!;
        Assert.Equal((1, 0, PredictionSets.DefaultMaxChoices), (sets.Temperature, sets.Rows, sets.MaxChoices));
        Assert.Null(Read(new() { ["setThreshold"] = 0.5 }));
        Assert.Contains("setThreshold", Assert.ThrowsAny<SkTuningException>(() => Read(new() { ["setCoverage"] = 0.9 })).Message);
        foreach (var written in (PredictionSets[])[sets, sets with { Temperature = 2, Rows = 7, MaxChoices = sets.MaxChoices + 1 }])
        {
            var settings = new JsonObject();
            SetSettings.Write(written, settings);
            Assert.Equal(written, Read(settings));
            Assert.Equal(written == sets ? 3 : 5, settings.Count);
        }
    }

    private static double Number(JsonNode number) => double.Parse(number.ToJsonString(), System.Globalization.CultureInfo.InvariantCulture);

    private static PredictionSets? Read(JsonObject settings) => SetSettings.Read(settings, (key, isValid, expected) => settings[key] is not { } number ? null
        : isValid(Number(number)) ? Number(number) : throw new SkTuningException($"{key} is {number}, expected {expected}"), "adapter.json");
}
