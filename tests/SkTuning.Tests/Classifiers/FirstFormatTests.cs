using System.Text.Json;

namespace SkTuning.Tests.Classifiers;

/// <summary>
/// Adapters of every format that was ever written can still be loaded, with the scores that they had. The files in fixtures/adapters are never rewritten.
/// </summary>
public sealed class FirstFormatTests
{
    public static IEnumerable<TheoryDataRow<string>> Adapters()
        => Fixtures.Folders("adapters", "adapter.json", "expected.json").Select(f => new TheoryDataRow<string>(f));

    [Theory, MemberData(nameof(Adapters))]
    public void An_old_adapter_loads_and_predicts_as_it_did(string folder)
    {
        var path = Path.Combine(Fixtures.Root, "adapters", folder);
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        using var classifier = TextClassifier.Load(path, model);
        using var expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(path, "expected.json")));
        var prediction = classifier.Predict(expected.RootElement.GetProperty("text").GetString()!);
        Assert.Equal(expected.RootElement.GetProperty("label").GetString(), prediction.Label);
        foreach (var score in expected.RootElement.GetProperty("scores").EnumerateObject())
            Assert.Equal(score.Value.GetDouble(), prediction.Scores[score.Name], 1e-4);
    }
}
