using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Server;
using SkTuning.Server.Storage;

namespace SkTuning.Tests.Server;

/// <summary>Corrected answers are kept for each adapter, and are rows to train on.</summary>
[Collection(MicroAdapters.Collection)]
public sealed class CorrectionTests(MicroAdapters adapters)
{
    private const string Path = "/v1/adapters/words/corrections";
    private const string Good = """{"text":"my card","label":"bill","predicted":"card","version":1}""";

    private static string FileOf(RunningServer server, string name = "words") => System.IO.Path.Combine(server.Folder, name, "corrections.jsonl");

    [Fact]
    public async Task Corrections_are_rows_that_training_reads()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words", "pairs");
        var first = await server.PostAsync(Path, Good, HttpStatusCode.Created);
        Assert.Equal(("words", new FileInfo(FileOf(server)).Length), ((string)first["adapter"]!, (long)first["bytes"]!));
        await server.PostAsync(Path, """{"text":"two\nlines, \"quoted\" — ü\u2028","label":"parcel"}""", HttpStatusCode.Created);
        await server.PostAsync("/v1/adapters/pairs/corrections", """{"text":"a","text2":"b","label":"card"}""", HttpStatusCode.Created);
        var rows = RowFile.Load(FileOf(server));
        Assert.Equal([("my card", "bill"), ("two\nlines, \"quoted\" — ü\u2028", "parcel")], rows.Select(r => (r.Text, r.Label)));
        Assert.Equal(("a", "b", "card"), RowFile.Load(FileOf(server, "pairs")) is [var pair] ? (pair.Text, pair.Text2, pair.Label) : default);
        var line = JsonNode.Parse(File.ReadLines(FileOf(server)).First())!;
        Assert.Equal(("card", 1), ((string)line["predicted"]!, (int)line["version"]!));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", (string)line["time"]!);
    }

    [Fact]
    public async Task The_file_is_sent_as_it_is_and_deleted_if_nothing_was_added_since()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        using (var none = await server.Client.GetAsync(Path))
            Assert.Equal((HttpStatusCode.OK, ""), (none.StatusCode, await none.Content.ReadAsStringAsync()));
        await server.PostAsync(Path, Good, HttpStatusCode.Created);
        EntityTagHeaderValue tag;
        using (var all = await server.Client.GetAsync(Path))
        {
            Assert.Equal("application/x-ndjson", all.Content.Headers.ContentType?.MediaType);
            Assert.Equal(File.ReadAllBytes(FileOf(server)), await all.Content.ReadAsByteArrayAsync());
            tag = all.Headers.ETag!;
        }
        await server.PostAsync(Path, Good, HttpStatusCode.Created);
        Assert.Equal(HttpStatusCode.PreconditionFailed, await DeleteAsync());
        Assert.Equal(2, File.ReadLines(FileOf(server)).Count());
        using (var all = await server.Client.GetAsync(Path)) tag = all.Headers.ETag!;
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync());
        Assert.False(File.Exists(FileOf(server)));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await DeleteAsync());
        await server.SendAsync(HttpMethod.Delete, Path, null, HttpStatusCode.NoContent);

        async Task<HttpStatusCode> DeleteAsync()
        {
            using var request = new HttpRequestMessage(HttpMethod.Delete, Path);
            request.Headers.IfMatch.Add(tag);
            using var answer = await server.Client.SendAsync(request);
            return answer.StatusCode;
        }
    }

    [Theory]
    [InlineData("""{"text":"a"}""", 400)]
    [InlineData("""{"label":"card"}""", 400)]
    [InlineData("""{"text":"a","label":"Card"}""", 400)]
    [InlineData("""{"text":"a","label":" "}""", 400)]
    [InlineData("""{"text":"a","label":" ","newLabel":true}""", 400)]
    [InlineData("""{"text":"a","label":"new","newLabel":false}""", 400)]
    [InlineData("""{"text":"a","labels":["card"]}""", 400)]
    [InlineData("""{"text":"a","label":"card","labels":["card"]}""", 400)]
    [InlineData("""{"text":"a","value":1}""", 400)]
    [InlineData("""{"text":"a","text2":"b","label":"card"}""", 400)]
    [InlineData("""{"text":"a","label":"card","predicted":{}}""", 400)]
    [InlineData("""{"text":"a","label":"card","predicted":[1]}""", 400)]
    [InlineData("""{"text":"a","label":"card","version":-1}""", 400)]
    [InlineData("""{"text":"a","label":"card","more":1}""", 400)]
    [InlineData("""{"text":"\ud800","label":"card"}""", 400)]
    public async Task What_does_not_fit_the_adapter_is_refused_and_not_kept(string body, int status)
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        await server.PostAsync(Path, body, (HttpStatusCode)status);
        Assert.False(File.Exists(FileOf(server)));
    }

    [Fact]
    public async Task A_label_that_is_new_must_be_said_to_be()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        await server.PostAsync(Path, """{"text":"my box","label":"box"}""", HttpStatusCode.BadRequest);
        await server.PostAsync(Path, """{"text":"my box","label":"box","newLabel":true}""", HttpStatusCode.Created);
        Assert.Equal("box", RowFile.Load(FileOf(server)).Single().Label);
    }

    [Fact]
    public async Task The_size_is_limited()
    {
        await using var server = await RunningServer.StartAsync(adapters, o => o with { MaxCorrectionBytes = 250 }, "words");
        await server.PostAsync(Path, Good, HttpStatusCode.Created);
        await server.PostAsync(Path, Good, HttpStatusCode.Created);
        await server.PostAsync(Path, Good, HttpStatusCode.Conflict);
        Assert.Equal(2, RowFile.Load(FileOf(server)).Count);
        await server.SendAsync(HttpMethod.Delete, Path, null, HttpStatusCode.NoContent);
        await server.PostAsync(Path, Good, HttpStatusCode.Created);
    }

    [Fact]
    public async Task Writers_at_the_same_time_lose_nothing()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        await Parallel.ForAsync(0, 100, async (i, _) => await server.PostAsync(Path, $$"""{"text":"text {{i}}","label":"card"}""", HttpStatusCode.Created));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"text {i}").Order(), RowFile.Load(FileOf(server)).Select(r => r.Text).Order());
    }

    [Theory]
    [InlineData("{\"text\":\"my pa")]
    [InlineData("{\"text\":\"whole but not ended\",\"label\":\"card\"}")]
    public async Task A_line_that_was_torn_when_the_process_ended_is_not_sent_and_is_replaced_by_the_next(string torn)
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        await server.PostAsync(Path, Good, HttpStatusCode.Created);
        var whole = File.ReadAllText(FileOf(server));
        File.AppendAllText(FileOf(server), torn);
        Assert.Equal(whole, await server.Client.GetStringAsync(Path));
        await server.PostAsync(Path, """{"text":"next","label":"bill"}""", HttpStatusCode.Created);
        Assert.Equal(["my card", "next"], RowFile.Load(FileOf(server)).Select(r => r.Text));
    }

    [Fact]
    public async Task A_torn_line_is_removed_when_the_server_starts()
    {
        using var folder = new TemporaryFolder();
        adapters.CopyTo("words", folder["words/1"]);
        var line = """{"text":"my card","label":"bill"}""" + "\n";
        File.WriteAllText(folder["words/corrections.jsonl"], line + line[..20]);
        await using var server = await ClassifierServer.StartAsync(adapters.Model, new() { AdapterFolder = folder.Path, Urls = ["http://127.0.0.1:0"] });
        await server.Ready;
        Assert.Equal(line, File.ReadAllText(folder["words/corrections.jsonl"]));
    }

    [Fact]
    public async Task Uploads_and_rollbacks_keep_them_and_deleting_the_adapter_deletes_them()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        await server.PostAsync(Path, Good, HttpStatusCode.Created);
        var kept = File.ReadAllText(FileOf(server));
        await server.UploadAsync("/v1/adapters/words", adapters.Zip("tuned"));
        await server.PostAsync("/v1/adapters/words/rollback", "");
        await server.SendAsync(HttpMethod.Delete, "/v1/adapters/words/versions/2", null, HttpStatusCode.OK);
        Assert.Equal(kept, File.ReadAllText(FileOf(server)));
        await server.SendAsync(HttpMethod.Delete, "/v1/adapters/words", null, HttpStatusCode.NoContent);
        Assert.Empty(Directory.GetFileSystemEntries(server.Folder));
        await server.PostAsync(Path, Good, HttpStatusCode.NotFound);
        await server.UploadAsync("/v1/adapters/words", adapters.Zip("tuned"));
        Assert.Equal("", await server.Client.GetStringAsync(Path));
    }

    [Fact]
    public async Task Answers_of_every_kind_are_corrected_as_their_task_needs()
    {
        using var folder = new TemporaryFolder();
        Row[] one = [new("my card", "a"), new("my bill", "b"), new("my card here", "a"), new("my bill late", "b")];
        Train("several", new MultiLabelClassifierOptions(), [.. one.Select(r => new Row(r.Text, "") { Labels = [r.Label] })],
            (o, r) => MultiLabelClassifier.Train(adapters.Model, r, o));
        Train("number", new TextRegressorOptions(), [.. one.Select((r, i) => r with { Label = i % 2 == 0 ? "1" : "2" })],
            (o, r) => TextRegressor.Train(adapters.Model, r, o));
        await using var server = await ClassifierServer.StartAsync(adapters.Model, new() { AdapterFolder = folder.Path, Urls = ["http://127.0.0.1:0"] });
        await server.Ready;
        using var client = RunningServer.NewClient(server);
        Assert.Equal(HttpStatusCode.Created, await Post("several", """{"text":"my card","labels":["a","b"],"predicted":["a"]}"""));
        Assert.Equal(HttpStatusCode.Created, await Post("several", """{"text":"my box","labels":[]}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await Post("several", """{"text":"my card","labels":["a","a"]}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await Post("several", """{"text":"my card","labels":[null]}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await Post("several", """{"text":"my card","label":"a"}"""));
        Assert.Equal(HttpStatusCode.Created, await Post("number", """{"text":"my card","value":1.25,"predicted":2}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await Post("number", """{"text":"my card","value":1e999}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await Post("number", """{"text":"my card","label":"1"}"""));
        Assert.Equal(["a|b", ""], RowFile.Load(folder["several/corrections.jsonl"]).Select(r => string.Join('|', r.Labels)));
        Assert.Equal("1.25", RowFile.Load(folder["number/corrections.jsonl"], new() { HasNumericLabels = true }).Single().Label);

        async Task<HttpStatusCode> Post(string name, string json)
        {
            using var answer = await client.PostAsync($"/v1/adapters/{name}/corrections", new StringContent(json, Encoding.UTF8, "application/json"));
            return answer.StatusCode;
        }

        void Train<TOptions>(string name, TOptions options, Row[] rows, Func<TOptions, Row[], TunedAdapter> train) where TOptions : AdapterOptions<Row>
        {
            using var trained = train((TOptions)(options with
            {
                Prompt = "is it my box",
                Method = TuningOptions.Create("probe"),
                Dev = rows,
                Training = new() { Epochs = 1 }
            }), rows);
            trained.Save(folder[name]);
        }
    }

    [Fact]
    public void A_link_in_the_place_of_the_file_is_not_written_through()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "links");
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["secret"], "mine");
        File.CreateSymbolicLink(folder["corrections.jsonl"], folder["secret"]);
        Assert.NotNull(new CorrectionFile(folder.Path).Add("{}\n"u8, 100));
        Assert.Equal("mine", File.ReadAllText(folder["secret"]));
    }
}
