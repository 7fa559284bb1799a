using System.Text.Json.Nodes;

namespace SkTuning.Tests.Classifiers;

/// <summary>What people read in adapter.json.</summary>
public sealed class AdapterTextTests
{
    private const string Prompt = "お客様の「メッセージ」を分類してください: it's <b>+";

    [Fact]
    public void Letters_of_all_languages_are_written_as_they_are_and_the_library_names_itself()
    {
        using var folder = new TemporaryFolder();
        using var model = FrozenModel.Load(Fixtures.MicroModel);
        List<Row> rows = [.. Enumerable.Range(0, 8).Select(i => new Row($"text {i}", i % 2 == 0 ? "返品" : "Größe"))];
        using (var trained = TextClassifier.Train(model, rows,
            new() { Prompt = Prompt, Method = new SkPrefixOptions(), Training = new() { Epochs = 1, Folds = 0 } })) trained.Save(folder["a"]);
        var file = Path.Combine(folder["a"], "adapter.json");
        var text = File.ReadAllText(file);
        Assert.Contains($"\"prompt\": \"{Prompt}\"", text);
        Assert.Contains("\"Größe\"", text);
        Assert.Matches("^SkTuning [0-9]+\\.[0-9]+\\.[0-9]+[-.a-z0-9]*$", (string?)JsonNode.Parse(text)!["writtenBy"]);
        using var loaded = TextClassifier.Load(folder["a"], model);
        Assert.Equal(["Größe", "返品"], loaded.Labels);
    }
}
