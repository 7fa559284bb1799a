using SkTuning.Adapters;

namespace SkTuning.Tests.Classifiers;

public sealed class LabelDescriptionsTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private static readonly string[] Labels = ["account", "complaint", "delivery", "payment", "product", "returns", "subscription", "warranty"];

    private static TextClassifierOptions Options() => new()
    {
        Prompt = "Classify the topic, one of {labels}:",
        LabelDescriptions = Labels.Reverse().ToDictionary(l => l, l => (IReadOnlyList<string>)[$"all about {l}."]),
        Method = new SkPrefixOptions { Bottleneck = 2 },
        Head = new LinearHeadOptions(),
        Training = new() { Epochs = 1, MaxSteps = 2 },
    };

    [Fact]
    public void They_stand_behind_the_prompt_and_are_saved_with_it()
    {
        using var folder = new TemporaryFolder();
        using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, Options());
        var definition = classifier.Definition;
        var whole = $"Classify the topic, one of {string.Join(", ", Labels)}: {string.Join(' ', Labels.Select(l => $"{l}: all about {l}."))}";
        Assert.Equal([.. tiny.Model.Tokenizer.PrefixSpecialIds, .. tiny.Model.Tokenizer.EncodeIds(whole, addSpecialTokens: false)], definition.PromptIds);
        Assert.Equal("Classify the topic, one of {labels}:", classifier.Prompt);
        classifier.Save(folder["a"]);
        using (var again = TextClassifier.Load(folder["a"], tiny.Model))
        {
            Assert.Null(AdapterFile.Of(again.Definition).DifferenceFrom(AdapterFile.Of(definition)));
            Assert.Equal(Labels.Select(l => $"all about {l}."), again.Definition.LabelDescriptions!.Select(Assert.Single));
        }
        var edited = definition with { LabelDescriptions = [.. definition.LabelDescriptions!.Select(d => (string[])[d[0] + " And more."])] };
        Assert.Equal("promptIds", Assert.Throws<SkTuningFileException>(() => AdapterCheck.Check(edited, "adapter.json", tiny.Model)).Key);
    }

    [Fact]
    public void Without_a_prompt_they_are_the_prompt()
    {
        using var classifier = TextClassifier.Train(tiny.Model, tiny.Rows, Options() with { Prompt = "" });
        var read = tiny.Model.Tokenizer.Decode([.. classifier.Definition.PromptIds.Skip(tiny.Model.Tokenizer.PrefixSpecialIds.Count)]);
        Assert.Equal("account: all about account.", read[.."account: all about account.".Length]);
    }

    [Fact]
    public void Every_label_has_one_and_no_other()
    {
        var options = Options();
        var missing = options with { LabelDescriptions = options.LabelDescriptions!.Where(d => d.Key != "delivery").ToDictionary() };
        Assert.Contains("has no description of 'delivery'",
            Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, tiny.Rows, missing)).Message);
        var unknown = options with { LabelDescriptions = new Dictionary<string, IReadOnlyList<string>>(options.LabelDescriptions!) { ["weather"] = ["rain"] } };
        Assert.Contains("describes 'weather'", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(tiny.Model, tiny.Rows, unknown)).Message);
    }
}
