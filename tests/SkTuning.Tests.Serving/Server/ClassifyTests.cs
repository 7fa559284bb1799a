using System.Net;
using System.Text.Json.Nodes;

namespace SkTuning.Tests.Server;

[Collection(MicroAdapters.Collection)]
public sealed class ClassifyTests(MicroAdapters adapters)
{
    [Fact]
    public async Task Answers_are_the_predictions_of_the_adapter()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words", "tuned");
        foreach (var name in (string[])["words", "tuned"])
        {
            using var own = TextClassifier.Load(adapters[name], adapters.Model);
            string[] texts = ["my parcel", "my card please", "my bill"];
            var answer = await server.PostAsync("/v1/classify", $$"""{"adapter":"{{name}}","texts":["my parcel","my card please","my bill"]}""");
            Assert.Equal((name, 1, "single-label"), ((string)answer["adapter"]!, (int)answer["version"]!, (string)answer["task"]!));
            var predictions = answer["predictions"]!.AsArray();
            foreach (var (text, prediction) in texts.Zip(predictions))
            {
                Assert.Equal(own.Predict(text).Label, (string)prediction!["label"]!);
                Assert.Equal(own.Predict(text).Confidence, (double)prediction["confidence"]!, 1e-5);
                Assert.Equal(["bill", "card", "parcel"], prediction["scores"]!.AsObject().Select(s => s.Key).Order());
            }
            Assert.Equal(texts.Length, predictions.Count);
        }
    }

    [Fact]
    public async Task A_single_text_and_a_list_of_one_have_the_same_answer()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        var one = await server.PostAsync("/v1/classify", """{"adapter":"words","text":"my card"}""");
        var list = await server.PostAsync("/v1/classify", """{"adapter":"words","texts":["my card"]}""");
        Assert.Equal(one.ToJsonString(), list.ToJsonString());
    }

    [Fact]
    public async Task Several_questions_about_a_text_are_answered_in_their_order()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words", "tuned");
        var answer = await server.PostAsync("/v1/decide", """{"adapters":["tuned","words"],"text":"my card"}""");
        Assert.Equal(["tuned", "words"], answer["answers"]!.AsArray().Select(a => (string)a!["adapter"]!));
        var alone = await server.PostAsync("/v1/classify", """{"adapter":"words","text":"my card"}""");
        Assert.Equal((string)alone["predictions"]![0]!["label"]!, (string)answer["answers"]![1]!["prediction"]!["label"]!);
    }

    [Fact]
    public async Task Texts_that_are_too_many_or_too_long_are_refused()
    {
        await using var server = await RunningServer.StartAsync(adapters, o => o with { MaxTexts = 2, MaxTextLength = 10, MaxBodyBytes = 500 }, "words");
        await server.PostAsync("/v1/classify", """{"adapter":"words","texts":["a","b","c"]}""", HttpStatusCode.RequestEntityTooLarge);
        await server.PostAsync("/v1/classify", """{"adapter":"words","text":"my parcel here"}""", HttpStatusCode.RequestEntityTooLarge);
        await server.PostAsync("/v1/classify", new JsonObject { ["adapter"] = new string('a', 600) }.ToJsonString(), HttpStatusCode.RequestEntityTooLarge);
        await server.PostAsync("/v1/classify", """{"adapter":"words","text":"my parcel"}""");
        await server.PostAsync("/v1/classify", """{"adapter":"words","texts":["my parcels","my bill"]}""");      // as many and as long as allowed
    }

    [Fact]
    public async Task Texts_and_pairs_are_refused_by_adapters_of_the_other_kind()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words", "pairs");
        var first = await server.PostAsync("/v1/classify", """{"adapter":"pairs","text":"my card"}""", HttpStatusCode.BadRequest);
        Assert.Contains("reads pairs", (string)first["detail"]!, StringComparison.Ordinal);
        await server.PostAsync("/v1/classify", """{"adapter":"words","pairs":[["my card","it is late"]]}""", HttpStatusCode.BadRequest);
        await server.PostAsync("/v1/decide", """{"adapters":["words","pairs"],"text":"my card"}""", HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task More_requests_than_the_rate_are_refused_for_a_moment()
    {
        await using var server = await RunningServer.StartAsync(adapters, o => o with { MaxRequestsPerSecond = 3 }, "words");
        var answers = new List<HttpStatusCode>();
        for (var i = 0; i < 8; i++)
        {
            using var answer = await server.Client.GetAsync("/v1/adapters");
            answers.Add(answer.StatusCode);
            if (answer.StatusCode == HttpStatusCode.TooManyRequests) Assert.Equal("1", answer.Headers.GetValues("Retry-After").Single());
        }
        Assert.Equal(HttpStatusCode.OK, answers[0]);
        Assert.Contains(HttpStatusCode.TooManyRequests, answers);
        // Whether the server is alive can always be asked.
        await server.GetAsync("/health/live");
    }
}
