using System.Net;
using System.Text.Json.Nodes;
using SkTuning.Server;

namespace SkTuning.Tests.Server;

[Collection(MicroAdapters.Collection)]
public sealed class AdapterVersionTests(MicroAdapters adapters)
{
    private const string Question = """{"adapter":"words","text":"my card"}""";

    [Fact]
    public async Task A_new_version_answers_and_a_rollback_restores_the_one_before()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        var first = await server.PostAsync("/v1/classify", Question);
        var uploaded = await server.UploadAsync("/v1/adapters/words", adapters.Zip("tuned"));
        Assert.Equal((2, "lora"), ((int)uploaded["version"]!, (string)uploaded["method"]!));
        var second = await server.PostAsync("/v1/classify", Question);
        Assert.Equal(2, (int)second["version"]!);
        Assert.NotEqual(Confidence(first), Confidence(second));
        var back = await server.PostAsync("/v1/adapters/words/rollback", "");
        Assert.Equal((1, "probe"), ((int)back["version"]!, (string)back["method"]!));
        Assert.Equal(first.ToJsonString(), (await server.PostAsync("/v1/classify", Question)).ToJsonString());
        await server.PostAsync("/v1/adapters/words/rollback", "", HttpStatusCode.Conflict);
        // The rolled back version is still there.
        Assert.Equal(2, (int)(await server.PostAsync("/v1/adapters/words/activate", """{"version":2}"""))["version"]!);
        Assert.Equal(second.ToJsonString(), (await server.PostAsync("/v1/classify", Question)).ToJsonString());
        Assert.Single(server.Server.Engine.Adapters);
    }

    [Fact]
    public async Task A_version_can_be_stored_without_being_activated()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        var uploaded = await server.UploadAsync("/v1/adapters/words?activate=false", adapters.Zip("tuned"));
        Assert.Equal((1, 2), ((int)uploaded["version"]!, (int)uploaded["uploaded"]!));
        Assert.Equal([1, 2], uploaded["versions"]!.AsArray().Select(v => (int)v!["version"]!));
        // A name whose only version is not active is listed and answers nothing.
        await server.UploadAsync("/v1/adapters/new?activate=false", adapters.Zip("tuned"));
        Assert.Null((await server.GetAsync("/v1/adapters/new"))["version"]);
        await server.PostAsync("/v1/classify", """{"adapter":"new","text":"my card"}""", HttpStatusCode.Conflict);
        await server.PostAsync("/v1/adapters/new/activate", """{"version":1}""");
        await server.PostAsync("/v1/classify", """{"adapter":"new","text":"my card"}""");
    }

    [Fact]
    public async Task A_version_that_was_saved_to_the_folder_meanwhile_can_be_activated()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        adapters.CopyTo("tuned", Path.Combine(server.Folder, "words", "2"));
        Assert.Equal(1, (int)(await server.PostAsync("/v1/classify", Question))["version"]!);
        Assert.Equal("lora", (string)(await server.PostAsync("/v1/adapters/words/activate", """{"version":2}"""))["method"]!);
        Assert.Equal(2, (int)(await server.PostAsync("/v1/classify", Question))["version"]!);
        Assert.Equal(1, (int)(await server.PostAsync("/v1/adapters/words/rollback", ""))["version"]!);
        Assert.Equal(3, (int)(await server.UploadAsync("/v1/adapters/words", adapters.Zip("tuned")))["version"]!);
    }

    [Fact]
    public async Task A_server_that_starts_again_serves_the_versions_that_were_active()
    {
        using var folder = new TemporaryFolder();
        adapters.CopyTo("words", folder["words"]);                               // as training saves it, without versions
        var options = new ClassifierServerOptions { AdapterFolder = folder.Path, Urls = ["http://127.0.0.1:0"] };
        string before;
        await using (var server = await ClassifierServer.StartAsync(adapters.Model, options))
        {
            await server.Ready;
            using var client = RunningServer.NewClient(server);
            Assert.Equal(0, (int)JsonNode.Parse(await client.GetStringAsync("/v1/adapters/words"))!["version"]!);
            foreach (var name in (string[])["words", "other"])
            {
                var body = new ByteArrayContent(adapters.Zip("tuned"));
                body.Headers.ContentType = new("application/zip");
                using var answer = await client.PostAsync($"/v1/adapters/{name}", body);
                Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            }
            using var rolledBack = await client.PostAsync("/v1/adapters/words/rollback", null);
            before = await client.GetStringAsync("/v1/adapters");
        }
        Assert.Equal([0, 1], JsonNode.Parse(before)!["adapters"]!.AsArray().Select(a => (int)a!["version"]!).Order());
        await using (var server = await ClassifierServer.StartAsync(adapters.Model, options))
        {
            await server.Ready;
            using var client = RunningServer.NewClient(server);
            Assert.Equal(before, await client.GetStringAsync("/v1/adapters"));
        }
    }

    [Fact]
    public async Task A_deleted_version_is_gone_and_its_number_is_not_used_again()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        await server.UploadAsync("/v1/adapters/words?activate=false", adapters.Zip("tuned"));
        await server.SendAsync(HttpMethod.Delete, "/v1/adapters/words/versions/2", null, HttpStatusCode.OK);
        Assert.False(Directory.Exists(Path.Combine(server.Folder, "words", "2")));
        Assert.Equal(3, (int)(await server.UploadAsync("/v1/adapters/words", adapters.Zip("tuned")))["version"]!);
        await server.SendAsync(HttpMethod.Delete, "/v1/adapters/words/versions/1", null, HttpStatusCode.OK);
        // The version before is gone: there is nothing to roll back to.
        await server.PostAsync("/v1/adapters/words/rollback", "", HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task A_deleted_adapter_leaves_nothing_and_the_files_of_others_stay()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words", "tuned");
        File.WriteAllText(Path.Combine(server.Folder, "tuned", "notes.txt"), "mine");
        await server.SendAsync(HttpMethod.Delete, "/v1/adapters/words", null, HttpStatusCode.NoContent);
        await server.SendAsync(HttpMethod.Delete, "/v1/adapters/tuned", null, HttpStatusCode.NoContent);
        Assert.Equal([Path.Combine(server.Folder, "tuned")], Directory.GetFileSystemEntries(server.Folder));
        Assert.True(File.Exists(Path.Combine(server.Folder, "tuned", "notes.txt")));
        Assert.Empty(server.Server.Engine.Adapters);
        await server.PostAsync("/v1/classify", Question, HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_adapter_that_cannot_be_used_does_not_keep_others_from_being_served()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words", "foreign");
        var foreign = await server.GetAsync("/v1/adapters/foreign");
        Assert.Contains("different base", (string)foreign["error"]!, StringComparison.Ordinal);
        Assert.DoesNotContain(server.Folder, (string)foreign["error"]!, StringComparison.Ordinal);
        await server.PostAsync("/v1/classify", """{"adapter":"foreign","text":"my card"}""", HttpStatusCode.Conflict);
        await server.PostAsync("/v1/classify", Question);
        // A version for this base repairs it.
        await server.UploadAsync("/v1/adapters/foreign", adapters.Zip("tuned"));
        await server.PostAsync("/v1/classify", """{"adapter":"foreign","text":"my card"}""");
    }

    [Fact]
    public async Task Calls_during_replacements_are_answered_by_the_version_that_they_name()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        var first = await server.PostAsync("/v1/classify", Question);
        await server.UploadAsync("/v1/adapters/words", adapters.Zip("tuned"));
        var second = await server.PostAsync("/v1/classify", Question);
        using var done = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var calls = 0;
            for (; !done.IsCancellationRequested; calls++)
            {
                var answer = await server.PostAsync("/v1/classify", Question);
                var expected = (int)answer["version"]! == 1 ? first : second;
                Assert.Equal(Confidence(expected), Confidence(answer), 1e-5);
            }
            return calls;
        })).ToList();
        for (var i = 0; i < 20; i++) await server.PostAsync("/v1/adapters/words/activate", $$"""{"version":{{1 + i % 2}}}""");
        await done.CancelAsync();
        Assert.All(await Task.WhenAll(callers), calls => Assert.True(calls > 0));
    }

    private static double Confidence(JsonNode answer) => (double)answer["predictions"]![0]!["confidence"]!;
}
