using SkTuning.Adapters;
using SkTuning.Classifiers.SingleLabel;
using SkTuning.Prompts;
using SkTuning.Tests.Classifiers;
using SkTuning.Training;

namespace SkTuning.Tests.Prompts;

/// <summary>A text of a user, such as a row, is read as it is, even if it contains what a prompt or a template replaces.</summary>
public sealed class LiteralTextTests(TrainedOnTiny tiny) : IClassFixture<TrainedOnTiny>
{
    private const string Tricky = "where is {labels} of {text} and {{labels}} or {{{labels}}} {mask}";

    private IReadOnlyList<Row> Rows => [.. tiny.Rows.Select((r, i) => i == 0 ? r with { Text = Tricky } : r)];

    [Theory, InlineData("{labels}", "a, b"), InlineData("x {labels} y {labels}", "x a, b y a, b"), InlineData("{{labels}} {labels}", "{labels} a, b")]
    public void Labels_are_named_where_a_prompt_says_so(string prompt, string filled) => Assert.Equal(filled, PromptText.Fill(prompt, ["a", "b"]));

    [Theory, InlineData(Tricky), InlineData("{{{{labels}}"), InlineData("{labels}}}"), InlineData("{{labels}"), InlineData("none")]
    public void A_literal_text_comes_out_as_it_was(string text)
    {
        Assert.Equal(text, PromptText.Fill(PromptText.Literal(text), ["a", "b"]));
        Assert.Equal(text + "a, b", PromptText.Fill(PromptText.Literal(text) + "{labels}", ["a", "b"]));
    }

    [Fact]
    public void A_demonstration_is_read_as_it_was_written_and_training_finds_it()
    {
        var options = new TextClassifierOptions
        {
            Prompt = "The topics are {labels}.",
            Template = "Message: {text}\nTopic:",
            Method = new PrefixTuningOptions { Demonstrations = 2 },
            Training = new() { Folds = 0, MaxSteps = 1 },
        };
        IReadOnlyList<Row> rows = [.. Rows.GroupBy(r => r.Label).Take(2).SelectMany(g => g.Take(2))];
        using var tuned = TextClassifier.Train(tiny.Model, rows, options);
        var (whole, label) = (tuned.Adapter.Definition.WholePrompt, Rows[0].Label);
        Assert.StartsWith($"The topics are {string.Join(", ", tuned.Labels)}.\n\n", whole);
        Assert.Contains($"Message: {Tricky}\nTopic: {label}\n\n", whole);
        var row = tuned.Adapter.Encoder.Encode(Tricky) with { Classes = [tuned.Labels.ToList().IndexOf(label)] };
        Assert.NotNull(OwnDemonstrations.Of(tuned.Adapter)!(row));
    }

    [Fact]
    public void A_prompt_that_is_made_of_label_texts_has_them_as_they_are()
    {
        var texts = LabelSet.Of(tiny.Rows).ToDictionary(l => l, l => (IReadOnlyList<string>)[$"{l} {Tricky}"]);
        var options = TrainedOnTiny.Options() with { Prompt = "", LabelDescriptions = texts };
        var definition = AdapterPlan.Create(tiny.Model, options, SingleLabelTask.Untrained, [.. texts.Keys]);
        Assert.Equal(PromptText.Describe(null, texts), definition.WholePrompt);
        Assert.Contains(PromptPhrases.Usual(texts), p => PromptText.Fill(p, texts.Keys) == PromptText.Describe(null, texts.Take(1)));
    }

    [Fact]
    public void An_adapter_with_another_label_keeps_the_prompt_that_it_was_trained_with()
    {
        using var folder = new TemporaryFolder();
        var options = TrainedOnTiny.Options(1) with { Prompt = "Read {{labels}}: {labels}", Head = new LabelTextsHeadOptions() };
        using var before = TextClassifier.Train(tiny.Model, tiny.Rows, options);
        using var added = before.WithLabel("weather", ["rain"]);
        Assert.Equal(before.Definition.WholePrompt, added.Definition.WholePrompt);
        before.Save(folder["a"]);
        Row[] rows = [.. tiny.Rows, new("it rains", "weather"), new("the sun shines", "weather")];
        using var continued = TextClassifier.Train(tiny.Model, rows, new() { StartFrom = folder["a"], Training = new() { Folds = 0, MaxSteps = 1 } });
        Assert.Equal(before.Definition.PromptIds, continued.Definition.PromptIds);
    }
}
