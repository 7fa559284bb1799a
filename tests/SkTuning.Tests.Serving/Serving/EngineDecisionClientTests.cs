using System.Text.Json;
using SkTuning.Serving;

namespace SkTuning.Tests.Serving;

/// <summary>Questions that are answered by adapters.</summary>
public sealed class EngineDecisionClientTests(MicroAdapters micro) : IClassFixture<MicroAdapters>, IAsyncLifetime
{
    private const string Text = "my card was refused";

    private static readonly string[] Names = ["topics", "tags", "levels", "number", "pairs"];

    private readonly ClassifierEngine _engine = new(micro.Model);

    public async ValueTask InitializeAsync()
    {
        foreach (var name in Names) await _engine.LoadAsync(name, micro[name]);
    }

    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    [Fact]
    public async Task One_request_asks_adapters_of_every_task_and_answers_with_their_probabilities()
    {
        using IDecisionClient client = new EngineDecisionClient(_engine);
        var response = await client.GetResponseAsync(new(Json($"\"{Text}\""),
        [
            new ChoiceDecisionQuestion("topics", "What is it about?", [new("parcel"), new("money", "cards and bills")]),
            new BinaryDecisionQuestion("is it money", "Is it about money?") { AdditionalProperties = new() { ["adapter"] = "topics", ["label"] = "money" } },
            new BinaryDecisionQuestion("tagged parcel", "Is it a parcel?") { AdditionalProperties = new() { ["adapter"] = "tags", ["label"] = "parcel" } },
            new BinaryDecisionQuestion("tagged money", "Is it money?") { AdditionalProperties = new() { ["adapter"] = "tags", ["label"] = "money" } },
            new ScoreDecisionQuestion("levels", "How good is it?", [new("bad"), new("neither"), new("good")]),
            new ScoreDecisionQuestion("number", "How good is it?", []),
        ]));
        var topic = (TextClassifierPrediction)micro.Predict("topics", Text);
        var choice = Assert.IsType<ChoiceDecisionAnswer>(response.Answers["topics"]);
        Assert.Equal((topic.Label, topic.Confidence), (choice.SelectedChoice, choice.Confidence!.Value), Close);
        Assert.Equal(1, choice.Probabilities.Values.Sum(), 1e-6);
        Assert.Equal(topic.Scores["money"], Binary("is it money"), 1e-5);

        var tags = (MultiLabelClassifierPrediction)micro.Predict("tags", Text);
        Assert.Equal(tags.Scores["parcel"], Binary("tagged parcel"), 1e-5);
        Assert.Equal(tags.Scores["money"], Binary("tagged money"), 1e-5);

        var level = (OrdinalClassifierPrediction)micro.Predict("levels", Text);
        var score = Assert.IsType<ScoreDecisionAnswer>(response.Answers["levels"]);
        Assert.Equal([0, 1, 2], score.Probabilities.Keys.Order());
        Assert.Equal(score.Probabilities.Sum(p => p.Key * p.Value), score.Score, 1e-6);
        Assert.Equal(level.ExpectedLevel - 1, score.Score, 1e-5);
        Assert.Equal(level.Scores["1"], score.Probabilities[0], 1e-5);

        var number = Assert.IsType<ScoreDecisionAnswer>(response.Answers["number"]);
        Assert.Equal(((TextRegressorPrediction)micro.Predict("number", Text)).Value, number.Score, 1e-4);
        Assert.Empty(number.Probabilities);
        Assert.IsType<TextRegressorPrediction>(number.RawRepresentation);
        Assert.Equal("micro-model", response.ModelId);

        double Binary(string id) => Assert.IsType<BinaryDecisionAnswer>(response.Answers[id]).TrueProbability;
    }

    [Fact]
    public async Task A_state_can_be_an_object_with_a_text_or_a_pair()
    {
        using var client = new EngineDecisionClient(_engine);
        var asText = await Ask("\"my card\"");
        var asObject = await Ask("{\"text\":\"my card\"}");
        Assert.Equal(asText.Probabilities, asObject.Probabilities);
        var pair = await Ask("{\"text\":\"my card\",\"text2\":\"please\"}", "pairs");
        Assert.Equal(["money", "parcel"], pair.Probabilities.Keys.Order(StringComparer.Ordinal));

        async Task<ChoiceDecisionAnswer> Ask(string state, string adapter = "topics")
        {
            var response = await client.GetResponseAsync(new(Json(state), [new ChoiceDecisionQuestion(adapter, "?", [])]));
            return (ChoiceDecisionAnswer)response.Answers[adapter];
        }
    }

    [Theory]
    [InlineData("[1]", "DecisionRequest.State is JSON of the kind Array, expected a string, or an object with the strings 'text' and, for a pair, 'text2'.")]
    [InlineData("{\"text\":1}", "DecisionRequest.State has 'text' of the kind Number, expected a string, or an object")]
    [InlineData("{\"text2\":\"a\"}", "DecisionRequest.State has no 'text', expected a string")]
    [InlineData("{\"text\":\"a\",\"customer\":\"b\"}", "DecisionRequest.State has 'customer' of the kind String, expected a string, or an object")]
    public async Task A_state_that_is_no_text_is_refused(string state, string message)
    {
        using var client = new EngineDecisionClient(_engine);
        var error = await Assert.ThrowsAsync<SkTuningException>(
            () => client.GetResponseAsync(new(Json(state), [new ChoiceDecisionQuestion("topics", "?", [])])));
        Assert.StartsWith(message, error.Message);
    }

    public static TheoryData<DecisionQuestion, string> Misfits => new()
    {
        { Binary("topics", null), "The question 'q' for the adapter 'topics' (single-label, 2 labels) names no label, expected "
            + "AdditionalProperties[\"label\"] with one of the labels 'money', 'parcel'." },
        { Binary("tags", "moon"), "The question 'q' for the adapter 'tags' (multi-label, 2 labels) names the label 'moon', expected "
            + "AdditionalProperties[\"label\"] with one of the labels 'money', 'parcel'." },
        { Binary("levels", null), "The question 'q' for the adapter 'levels' (ordinal, 3 labels) is answered by yes or no, expected "
            + "an adapter of the task multi-label, or of single-label with two labels." },
        { new ChoiceDecisionQuestion("tags", "?", []), "The question 'tags' for the adapter 'tags' (multi-label, 2 labels) is answered by a choice, expected "
            + "an adapter of the task single-label." },
        { new ChoiceDecisionQuestion("topics", "?", [new("money"), new("moon")]), "The question 'topics' for the adapter 'topics' (single-label, 2 labels) "
            + "has the choices 'money', 'moon', expected no choices, or the labels 'money', 'parcel'." },
        { new ScoreDecisionQuestion("levels", "?", [new("bad"), new("good")]), "The question 'levels' for the adapter 'levels' (ordinal, 3 labels) "
            + "has 2 levels, expected no levels, or 3: '1', '2', '3'." },
        { new ScoreDecisionQuestion("topics", "?", []), "The question 'topics' for the adapter 'topics' (single-label, 2 labels) is answered by a score, "
            + "expected an adapter of the task ordinal or regression." },
    };

    [Theory, MemberData(nameof(Misfits), DisableDiscoveryEnumeration = true)]
    public async Task A_question_that_does_not_fit_its_adapter_is_refused(DecisionQuestion question, string message)
    {
        using var client = new EngineDecisionClient(_engine);
        var error = await Assert.ThrowsAsync<SkTuningException>(() => client.GetResponseAsync(new(Json("\"a\""), [question])));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public async Task A_question_without_an_adapter_or_an_answer_is_refused()
    {
        using var client = new EngineDecisionClient(_engine);
        var unknown = await Assert.ThrowsAsync<UnknownAdapterException>(
            () => client.GetResponseAsync(new(Json("\"a\""), [new ChoiceDecisionQuestion("moon", "?", [])])));
        Assert.Equal("moon", unknown.Adapter);
        var single = await Assert.ThrowsAsync<SkTuningException>(
            () => client.GetResponseAsync(new(Json("\"a\""), [new ChoiceDecisionQuestion("pairs", "?", [])])));
        Assert.StartsWith("The question 'pairs' has no answer: ", single.Message);
        Assert.Throws<ArgumentException>(
            () => new DecisionRequest(Json("\"a\""), [new ChoiceDecisionQuestion("a", "?", []), new BinaryDecisionQuestion("a", "?")]));
    }

    private static BinaryDecisionQuestion Binary(string adapter, string? label)
    {
        var question = new BinaryDecisionQuestion("q", "?") { AdditionalProperties = new() { [EngineDecisionClient.AdapterProperty] = adapter } };
        if (label is not null) question.AdditionalProperties[EngineDecisionClient.LabelProperty] = label;
        return question;
    }

    private static JsonElement Json(string json) => JsonDocument.Parse(json).RootElement;

    private static bool Close((string Label, double Value) a, (string Label, double Value) b) => a.Label == b.Label && Math.Abs(a.Value - b.Value) < 1e-5;
}
