using System.Text.Json.Nodes;
using SkTuning.Adapters;

namespace SkTuning.Tests.Classifiers;

/// <summary>
/// A definition with a value that the base or the library cannot use is refused by the name of the file, also where both copies of it agree: an exported PEFT
/// folder has only one.
/// </summary>
public sealed class DamagedDefinitionTests
{
    private const string FileName = "folder/adapter.json";

    [Theory]
    [InlineData("sk-prefix", "tuning.firstLayer", "5", "tuning")]
    [InlineData("top-layers", "tuning.layers", "2147483647", "tuning")]
    [InlineData("lora", "tuning.targets", "[\"a\"]", "tuning")]
    [InlineData("lora", "tuning.targets", "[null]", "tuning")]
    [InlineData("lora", "tuning.alpha", "1e999", "tuning")]
    [InlineData("ia3", "tuning.inputTargets", "[\"\"]", "tuning")]
    [InlineData("prompt", "prompt", "\"\"", "prompt")]
    [InlineData("probe", "prompt", "\" \"", "prompt")]
    [InlineData("probe", "template", "\"{text}{text}\"", "template")]
    [InlineData("probe", "template", "\"\"", "template")]
    [InlineData("probe", "labels", "[\"a\", null]", "labels")]
    [InlineData("probe", "labels", "[\"a\", \" \"]", "labels")]
    [InlineData("probe", "labelDescriptions", "[null, null]", "$.labelDescriptions")]
    [InlineData("probe", "devScore", "1e999", "devScore")]
    [InlineData("probe", "temperature", "\"NaN\"", "temperature")]
    [InlineData("probe", "setCoverage", "1", "setCoverage")]
    [InlineData("probe", "setCoverage", "0.9", "setThreshold")]
    public void A_value_that_cannot_be_used_is_refused_by_the_file_and_the_key(string method, string key, string value, string expected)
    {
        using var model = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });
        Row[] rows = [new("my parcel", "box"), new("my card", "money"), new("the parcel", "box"), new("the card", "money")];
        using var trained = TextClassifier.Train(model, rows, new()
        {
            Prompt = "is it my box", Method = TuningOptions.Create(method), Dev = rows, Training = new() { Epochs = 1 },
        });
        var json = JsonNode.Parse(AdapterFile.Of(trained.Definition).ToJson())!;
        var parts = key.Split('.');
        (parts.Length == 1 ? json : json[parts[0]]!)[parts[^1]] = JsonNode.Parse(value);
        var e = Assert.Throws<SkTuningFileException>(() =>
        {
            var definition = AdapterFile.Parse(json.ToJsonString(), FileName).ToDefinition(trained.Task, FileName);
            AdapterCheck.Check(definition, FileName, model);
            AdapterModel.Create(model, definition, FileName).Dispose();
        });
        Assert.Equal((FileName, expected), (e.File, e.Key));
    }
}
