using SkTuning.Adapters;
using SkTuning.Prompts;
using SkTuning.Tests.Heads;
using static TorchSharp.torch;

namespace SkTuning.Tests.Methods;

public sealed class ZeroShotTests
{
    [Theory, InlineData("llama", "models", "likelihood"), InlineData("roberta", "mlm", "label-words")]
    public void It_trains_nothing_and_its_adapter_is_a_definition_alone(string family, string kind, string head)
    {
        using var folder = new TemporaryFolder();
        using var b = new WordBase(family, kind);
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, b.Options(new ZeroShotOptions(), null));
        Assert.Equal((0L, 0), (classifier.ParameterCount, classifier.Report!.Steps));
        Assert.Equal(head, classifier.Definition.Head.Name);
        Assert.Equal(classifier.Evaluate(WordBase.Rows).Accuracy, classifier.Report.DevScore, 1e-9);
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], b.Model);
        Assert.Equal("zero-shot", again.Method);
        Assert.Null(AdapterFile.Of(again.Definition).DifferenceFrom(AdapterFile.Of(classifier.Definition)));
        foreach (var row in WordBase.Rows) Assert.Equal(classifier.Predict(row.Text).Label, again.Predict(row.Text).Label);
    }

    [Fact]
    public void It_needs_a_head_that_the_model_brings_along()
    {
        using var b = new WordBase("llama");
        Assert.Contains("label-words or likelihood",
            Assert.ThrowsAny<SkTuningException>(
                () => TextClassifier.Train(b.Model, WordBase.Rows, b.Options(new ZeroShotOptions(), new LinearHeadOptions()))).Message);
        Row[] rows = [.. WordBase.Rows.Select(r => r with { Labels = [r.Label] })];
        Assert.Contains("cannot be used for the task multi-label",
            Assert.ThrowsAny<SkTuningException>(() => MultiLabelClassifier.Train(b.Model, rows, new() { Method = new ZeroShotOptions(), Dev = rows })).Message);
    }

    [Fact]
    public void Demonstrations_are_training_rows_with_their_words_in_the_prompt()
    {
        using var folder = new TemporaryFolder();
        using var b = new WordBase("llama");
        var method = TuningOptions.Create("zero-shot", [new("demonstrations", "1")]);
        var options = b.Options(method, new LikelihoodHeadOptions()) with { Prompt = "w7 w8" };
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, options);
        string[] shown = classifier.Prompt.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(4, shown.Length);
        Assert.Equal("w7 w8", shown[0]);
        string[] all = [.. WordBase.Rows.Select(r => $"{WordBase.Cue.Replace("{text}", r.Text, StringComparison.Ordinal)} {WordBase.LongWords[r.Label]}")];
        Assert.All(shown[1..], s => Assert.Contains(s, all));
        Assert.Equal(3, shown[1..4].Select(s => WordBase.Rows[Array.IndexOf(all, s)].Label).Distinct().Count());
        var ids = WordBase.Ids(string.Join(' ', [.. shown, WordBase.Cue.Replace("{text}", "w20 w21", StringComparison.Ordinal)]));
        double[] likelihoods = [.. classifier.Labels.Select(label => Math.Exp(b.Likelihood(ids, WordBase.Ids(WordBase.LongWords[label]))))];
        var scores = classifier.Predict("w20 w21").Scores;
        foreach (var (label, likelihood) in classifier.Labels.Zip(likelihoods)) Assert.Equal(likelihood / likelihoods.Sum(), scores[label], 1e-4);
        classifier.Save(folder["a"]);
        using var again = TextClassifier.Load(folder["a"], b.Model);
        Assert.Equal(classifier.Prompt, again.Prompt);
        Assert.Equal(scores.Values, again.Predict("w20 w21").Scores.Values);

        using var bert = new WordBase("bert", "mlm");
        Assert.Contains("need a causal model",
            Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(bert.Model, WordBase.Rows, bert.Options(method, null))).Message);
    }

    [Fact]
    public void A_prompt_that_cannot_be_a_prefix_is_refused_with_what_to_do()
    {
        using var b = new WordBase("llama");
        using var prompt = PromptEncoding.Read(b.Transformer, [7, 8], CPU);
        var config = b.Model.Config with { TakesPrefix = false };
        Assert.Contains("into the template", Assert.ThrowsAny<SkTuningException>(() => new ZeroShotOptions().CreateMethod(config, prompt)).Message);
        Assert.Equal(0, new ZeroShotOptions().CreateWithoutPrompt(config, prompt).Length);
    }

    [Theory]
    [InlineData("\"label-words\"", "\"likelihood\"", "head", "causal model")]
    [InlineData("\"label-words\"", "\"linear\"", "head", "trains nothing")]
    [InlineData("\"w40\",", "", "labelWords", "one for each of the 3 labels")]
    [InlineData("{mask}", "w12", "head", "no {mask}")]
    [InlineData("\"label-words\"", "\"likelihood\", \"unlikelihood\": -1", "head", "0 to 1000")]
    public void A_file_whose_head_the_base_cannot_have_is_refused_by_key(string from, string to, string key, string named)
    {
        using var folder = new TemporaryFolder();
        using var b = new WordBase("bert", "mlm");
        using var classifier = TextClassifier.Train(b.Model, WordBase.Rows, b.Options(new ZeroShotOptions(), new LabelWordsHeadOptions()));
        var json = AdapterFile.Of(classifier.Definition).ToJson();
        Assert.Contains(from, json);
        var edited = AdapterFile.Parse(json.Replace(from, to), "adapter.json");
        var e = Assert.Throws<SkTuningFileException>(() => AdapterCheck.Check(edited.ToDefinition(classifier.Task, "adapter.json"), "adapter.json", b.Model));
        Assert.Equal(key, e.Key);
        Assert.Contains(named, e.Message);
    }
}
