using System.Text.Json.Nodes;
using SkTuning.Checkpoints;

namespace SkTuning.Tests.Classifiers;

/// <summary>What leaves no room for the text is refused before training, and when an adapter is loaded.</summary>
public sealed class TemplateRoomTests(TemplateRoomTests.Micro micro) : IClassFixture<TemplateRoomTests.Micro>
{
    public sealed class Micro : IDisposable
    {
        public FrozenModel Model { get; } = FrozenModel.Load(Fixtures.MicroModel, new() { Device = "cpu" });

        public void Dispose() => Model.Dispose();
    }

    private static string Words(int count) => string.Join(' ', Enumerable.Repeat("the", count));

    [Theory, InlineData("the ", ""), InlineData("", " the"), InlineData("is ", " it")]
    public void A_template_longer_than_the_maximum_leaves_no_room(string before, string after)
    {
        var template = string.Concat(Enumerable.Repeat(before, 100)) + "{text}" + string.Concat(Enumerable.Repeat(after, 100));
        var tokens = (before.Length > 0 ? 100 : 0) + (after.Length > 0 ? 100 : 0);
        foreach (var truncation in Enum.GetValues<Truncation>())
            Assert.Contains($"The template takes {tokens} tokens and leaves no room for text (maximum 12)",
                Train(new() { Template = template, MaxTokens = 12, Truncation = truncation }));
    }

    [Fact]
    public void The_smallest_maximum_that_leaves_a_token_works_and_one_less_is_refused()
    {
        // The micro model's tokenizer may begin a text with <s>: the smallest maximum is the number of tokens around the text, and one.
        var least = Enumerable.Range(1, 20).First(n => Train(new() { Template = $"{Words(5)} {{text}} is it", MaxTokens = n }).Length == 0);
        Assert.InRange(least, 8, 10);
        Assert.Contains("leaves no room for text", Train(new() { Template = $"{Words(5)} {{text}} is it", MaxTokens = least - 1 }));
    }

    [Fact]
    public void A_pair_needs_a_token_for_each_text()
    {
        Row[] pairs = [.. OverflowingModel.Rows.Select(r => r with { Text2 = "the box" })];
        string[] found = [.. Enumerable.Range(1, 12).Select(n => Train(new() { Template = "the {text} is {text2}", MaxTokens = n }, pairs))];
        var least = Array.FindIndex(found, f => f.Length == 0) + 1;
        Assert.InRange(least, 4, 5);
        Assert.All(found[..(least - 1)], f => Assert.Contains("leaves no room for text", f));
    }

    [Theory, InlineData(0), InlineData(-1), InlineData(129)]
    public void A_maximum_below_1_or_above_the_context_is_refused_by_name(int tokens)
        => Assert.Contains($"MaxTokens is {tokens}, expected 1 to 128", Train(new() { MaxTokens = tokens }));

    [Fact]
    public void A_prompt_or_a_soft_prompt_that_fills_the_context_is_refused()
    {
        var soft = new PromptTuningOptions { Tokens = 128 };
        Assert.Contains("The method prompt takes 128 tokens, which leaves no room", Train(new() { Method = soft, Prompt = "is it box" }));
        Assert.Contains("The prompt takes", Train(new() { Method = new SkPrefixOptions(), Prompt = Words(200) }));
    }

    [Fact]
    public void An_adapter_whose_maximum_and_prompt_exceed_the_context_is_not_loaded()
    {
        using var folder = new TemporaryFolder();
        using (var trained = TextClassifier.Train(micro.Model, OverflowingModel.Rows, Options(new() { Method = new SkPrefixOptions(), Prompt = "is it box" })))
            trained.Save(folder["a"]);
        Rewritten(folder["a"], d => d["maxTokens"] = 128);
        Assert.Contains("'maxTokens' is 128, expected", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(folder["a"], micro.Model)).Message);
    }

    [Fact]
    public void An_adapter_whose_template_leaves_no_room_is_not_loaded()
    {
        using var folder = new TemporaryFolder();
        using (var trained = TextClassifier.Train(micro.Model, OverflowingModel.Rows, Options(new()))) trained.Save(folder["a"]);
        Rewritten(folder["a"], d => d["template"] = Words(200) + " {text}");
        Assert.Contains("The template takes 200 tokens", Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(folder["a"], micro.Model)).Message);
    }

    [Theory]
    [InlineData("devScore", "1e999", "'devScore' is not finite")]
    [InlineData("temperature", "1e999", "'temperature' is 1e999, expected a number above 0, at most 1000")]
    [InlineData("temperature", "0", "'temperature' is 0, expected a number above 0, at most 1000")]
    [InlineData("sureFrom", "-1", "'sureFrom' is -1, expected a number from 0 to 1")]
    public void A_stored_setting_out_of_its_range_is_refused_by_name(string key, string value, string refusal)
    {
        using var folder = new TemporaryFolder();
        using (var trained = TextClassifier.Train(micro.Model, OverflowingModel.Rows, Options(new()))) trained.Save(folder["a"]);
        Rewritten(folder["a"], d => d[key] = JsonNode.Parse(value));
        Assert.Contains(refusal, Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Load(folder["a"], micro.Model)).Message);
    }

    [Fact]
    public void The_space_between_a_template_and_the_text_is_not_counted_twice()
    {
        using var model = FrozenModel.Load(Fixtures.Tiny, new() { Device = "cpu" });
        var before = string.Join(' ', Enumerable.Repeat("word", 300));
        var tokens = model.Tokenizer.EncodeIds(before, addSpecialTokens: false).Length;
        var options = new TextClassifierOptions { Method = new ProbeOptions(), Dev = OverflowingModel.Rows, Template = before + " {text}", MaxTokens = 100 };
        var e = Assert.ThrowsAny<SkTuningException>(() => TextClassifier.Train(model, OverflowingModel.Rows, options));
        Assert.Contains($"The template takes {tokens} tokens and leaves no room for text (maximum 100", e.Message);
    }

    /// <summary>Changes both copies of an adapter's definition.</summary>
    private static void Rewritten(string folder, Action<JsonObject> change)
    {
        var json = Path.Combine(folder, "adapter.json");
        var definition = JsonNode.Parse(File.ReadAllText(json))!.AsObject();
        change(definition);
        File.WriteAllText(json, definition.ToJsonString());
        var file = Path.Combine(folder, "adapter.safetensors");
        using var scope = TorchSharp.torch.NewDisposeScope();
        var (tensors, metadata) = Fixtures.Read(file);
        var changed = metadata.ToDictionary();
        changed["definition"] = definition.ToJsonString();
        SafetensorsWriter.Write(file, [.. tensors.Select(t => (t.Key, t.Value))], changed);
    }

    private static TextClassifierOptions Options(TextClassifierOptions options) => options with
    {
        Method = options.Prompt.Length > 0 || options.Method is PromptTuningOptions ? options.Method : new ProbeOptions(),
        Dev = OverflowingModel.Rows,
        Training = new() { Epochs = 1 },
    };

    /// <summary>Returns the message of the refusal; empty if there is none.</summary>
    private string Train(TextClassifierOptions options, IReadOnlyList<Row>? rows = null)
    {
        try { TextClassifier.Train(micro.Model, rows ?? OverflowingModel.Rows, Options(options) with { Dev = rows ?? OverflowingModel.Rows }).Dispose(); }
        catch (SkTuningException e) { return e.Message; }
        return "";
    }
}
