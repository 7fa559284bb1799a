using System.Net;
using System.Text;

namespace SkTuning.Tests.Server;

/// <summary>Each kind of a wrong request is answered with its status and problem details.</summary>
[Collection(MicroAdapters.Collection)]
public sealed class RefusedRequestTests(MicroAdapters adapters, WordsServer words) : IClassFixture<WordsServer>
{
    [Theory]
    [InlineData("GET", "/nothing", null, null, 404)]
    [InlineData("GET", "/v1/adapters/none", null, null, 404)]
    [InlineData("GET", "/v1/adapters/%2e%2e%2fsecret", null, null, 400)]
    [InlineData("GET", "/v1/adapters/A", null, null, 400)]
    [InlineData("GET", "/v1/classify", null, null, 405)]
    [InlineData("PUT", "/v1/adapters/words", "application/json", "{}", 405)]
    [InlineData("POST", "/v1/classify", "text/plain", "{}", 415)]
    [InlineData("POST", "/v1/classify", null, null, 415)]
    [InlineData("POST", "/v1/classify", "application/json; charset=utf-16", "{}", 415)]
    [InlineData("POST", "/v1/classify", "application/json", "", 400)]
    [InlineData("POST", "/v1/classify", "application/json", "{", 400)]
    [InlineData("POST", "/v1/classify", "application/json", "null", 400)]
    [InlineData("POST", "/v1/classify", "application/json", "[]", 400)]
    [InlineData("POST", "/v1/classify", "application/json", "{}", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words"}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words","texts":[]}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words","texts":[null]}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words","text":"a","texts":["b"]}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words","text":1}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words","text":"a","text":"b"}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words","text":"a","more":1}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words","text":"\ud800"}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words","pairs":[["a"]]}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"none","text":"a"}""", 404)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"words@1","text":"a"}""", 400)]
    [InlineData("POST", "/v1/classify", "application/json", """{"adapter":"../words","text":"a"}""", 400)]
    [InlineData("POST", "/v1/decide", "application/json", """{"text":"a"}""", 400)]
    [InlineData("POST", "/v1/decide", "application/json", """{"adapters":["words","words"],"text":"a"}""", 400)]
    [InlineData("POST", "/v1/decide", "application/json", """{"adapters":["words",null],"text":"a"}""", 400)]
    [InlineData("POST", "/v1/decide", "application/json", """{"adapters":["words"]}""", 400)]
    [InlineData("POST", "/v1/adapters/words", "application/json", "{}", 415)]
    [InlineData("POST", "/v1/adapters/words", "application/zip", "not a zip", 400)]
    [InlineData("POST", "/v1/adapters/words", "multipart/form-data", "", 400)]
    [InlineData("POST", "/v1/adapters/words", "multipart/form-data; boundary=x", "no boundary", 400)]
    [InlineData("POST", "/v1/adapters/nul", "application/zip", "", 400)]
    [InlineData("POST", "/v1/adapters/words?activate=perhaps", "application/zip", "", 400)]
    [InlineData("POST", "/v1/adapters/words/activate", "application/json", """{"version":9}""", 404)]
    [InlineData("POST", "/v1/adapters/words/activate", "application/json", """{"version":"1"}""", 400)]
    [InlineData("POST", "/v1/adapters/words/activate", "application/json", "{}", 400)]
    [InlineData("POST", "/v1/adapters/words/rollback", null, null, 409)]
    [InlineData("POST", "/v1/adapters/words/corrections", "text/plain", "{}", 415)]
    [InlineData("POST", "/v1/adapters/words/corrections", "application/json", "{}", 400)]
    [InlineData("POST", "/v1/adapters/none/corrections", "application/json", "{\"text\":\"a\",\"label\":\"card\"}", 404)]
    [InlineData("POST", "/v1/adapters/%2e%2e%2fa/corrections", "application/json", "{\"text\":\"a\",\"label\":\"card\"}", 400)]
    [InlineData("PUT", "/v1/adapters/words/corrections", "application/json", "{}", 405)]
    [InlineData("GET", "/v1/adapters/none/corrections", null, null, 404)]
    [InlineData("DELETE", "/v1/adapters/none/corrections", null, null, 404)]
    [InlineData("DELETE", "/v1/adapters/none", null, null, 404)]
    [InlineData("DELETE", "/v1/adapters/words/versions/1", null, null, 409)]
    [InlineData("DELETE", "/v1/adapters/words/versions/2", null, null, 404)]
    [InlineData("DELETE", "/v1/adapters/words/versions/..", null, null, 404)]
    [InlineData("DELETE", "/v1/adapters/words/", null, null, 404)]
    [InlineData("DELETE", "/v1/adapters/words/versions/x", null, null, 400)]
    public async Task A_wrong_request_has_its_status(string method, string path, string? type, string? body, int status)
    {
        var server = words.Server;
        var before = server.Files();
        ByteArrayContent? content = body is null ? null : new(Encoding.UTF8.GetBytes(body));
        if (type is not null) content!.Headers.TryAddWithoutValidation("Content-Type", type);
        await server.SendAsync(new(method), path, content, (HttpStatusCode)status);
        Assert.Equal(before, server.Files());
        await server.PostAsync("/v1/classify", """{"adapter":"words","text":"my card"}""");
    }

    [Fact]
    public async Task Bytes_that_are_not_UTF8_are_refused()
    {
        var server = words.Server;
        byte[] body = [.. "{\"adapter\":\"words\",\"text\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        await server.UploadAsync("/v1/classify", body, HttpStatusCode.BadRequest, "application/json");
    }

    [Fact]
    public async Task A_compressed_body_is_refused()
    {
        var server = words.Server;
        var content = new ByteArrayContent([1, 2, 3]);
        content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", "gzip");
        await server.SendAsync(HttpMethod.Post, "/v1/classify", content, HttpStatusCode.UnsupportedMediaType);
    }

    [Fact]
    public async Task A_client_that_sends_its_body_too_slowly_is_answered_in_time()
    {
        await using var server = await RunningServer.StartAsync(adapters, o => o with { RequestTimeout = TimeSpan.FromMilliseconds(200) }, "words");
        var answer = await server.RawAsync("POST /v1/classify HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
        Assert.StartsWith("HTTP/1.1 408", answer, StringComparison.Ordinal);
        Assert.Contains("application/problem+json", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST /v1/adapters/../../evil HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", "4")]
    [InlineData("POST /v1/adapters/..%2f..%2fevil HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", "4")]
    [InlineData("POST /v1/adapters/%00 HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n", "4")]
    [InlineData("DELETE /v1/adapters/words/versions/.. HTTP/1.1\r\nHost: localhost\r\n\r\n", "404")]
    [InlineData("DELETE /v1/adapters/words/versions/%2e%2e HTTP/1.1\r\nHost: localhost\r\n\r\n", "404")]
    [InlineData("GET / HTTP/1.1\r\n\r\n", "400")]
    [InlineData("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", "403")]
    [InlineData("POST /v1/adapters/words/rollback HTTP/1.1\r\nHost: localhost\r\nOrigin: http://evil.example\r\nContent-Length: 0\r\n\r\n", "403")]
    [InlineData("nonsense\r\n\r\n", "400")]
    public async Task A_line_that_a_client_library_would_not_send_is_refused(string request, string status)
    {
        var server = words.Server;
        Assert.StartsWith("HTTP/1.1 " + status, await server.RawAsync(request), StringComparison.Ordinal);
        Assert.Equal([server.Folder], Directory.GetFileSystemEntries(server.Around));
    }
}

/// <summary>A server of one adapter, for tests after which it is as before.</summary>
public sealed class WordsServer(MicroAdapters adapters) : IAsyncLifetime
{
    internal RunningServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync(adapters, "words");

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
