using System.Net;
using SkTuning.Server;

namespace SkTuning.Tests.Server;

[Collection(MicroAdapters.Collection)]
public sealed class KeyTests(MicroAdapters adapters)
{
    private const string Read = "read-key-0123456789", Admin = "admin-key-0123456789";

    private static ClassifierServerOptions WithKeys(ClassifierServerOptions options) => options with { ReadKeys = [Read], AdminKeys = [Admin] };

    [Theory]
    [InlineData("GET", "/v1/adapters", 200)]
    [InlineData("GET", "/v1/adapters/words", 200)]
    [InlineData("GET", "/metrics", 200)]
    [InlineData("POST", "/v1/classify", 415)]
    [InlineData("POST", "/v1/decide", 415)]
    [InlineData("POST", "/v1/adapters/words", 403)]
    [InlineData("POST", "/v1/adapters/words/activate", 403)]
    [InlineData("POST", "/v1/adapters/words/rollback", 403)]
    [InlineData("DELETE", "/v1/adapters/words", 403)]
    [InlineData("DELETE", "/v1/adapters/words/versions/1", 403)]
    [InlineData("POST", "/v1/adapters/words/corrections", 415)]
    [InlineData("GET", "/v1/adapters/words/corrections", 403)]
    [InlineData("DELETE", "/v1/adapters/words/corrections", 403)]
    public async Task Without_a_key_or_with_one_of_another_role_nothing_is_answered_or_changed(string method, string path, int withReadKey)
    {
        await using var server = await RunningServer.StartAsync(adapters, WithKeys, "words");
        var before = server.Files();
        foreach (var key in (string?[])[null, "", "wrong", Read + "x", Read[..^1], Read.ToUpperInvariant()])
            await server.SendAsync(new(method), path, null, HttpStatusCode.Unauthorized, key);
        await server.SendAsync(new(method), path, null, (HttpStatusCode)withReadKey, Read);
        Assert.Equal(before, server.Files());
        await server.SendAsync(HttpMethod.Get, "/v1/adapters/words", null, HttpStatusCode.OK, Admin);
    }

    [Theory]
    [InlineData("/"), InlineData("/page.js"), InlineData("/page.css"), InlineData("/openapi.json"), InlineData("/health/live"), InlineData("/health/ready")]
    public async Task The_page_and_the_state_need_no_key(string path)
    {
        await using var server = await RunningServer.StartAsync(adapters, WithKeys, "words");
        using var answer = await server.Client.GetAsync(path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task An_admin_key_may_change_adapters()
    {
        await using var server = await RunningServer.StartAsync(adapters, WithKeys, "words");
        await server.SendAsync(HttpMethod.Delete, "/v1/adapters/words", null, HttpStatusCode.NoContent, Admin);
        await server.SendAsync(HttpMethod.Get, "/v1/adapters/words", null, HttpStatusCode.NotFound, Read);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "which other machines can reach, but there are no keys")]
    [InlineData("http://*:0", "which other machines can reach, but there are no keys")]
    [InlineData("http://[::]:0", "which other machines can reach, but there are no keys")]
    [InlineData("https://127.0.0.1:0", "put a reverse proxy")]
    [InlineData("http://127.0.0.1:0/path", "expected http://ADDRESS:PORT")]
    [InlineData("http://example.org:0", "expected localhost, an IP address")]
    [InlineData("8080", "expected http://ADDRESS:PORT")]
    public async Task An_address_that_cannot_be_used_is_refused(string url, string expected)
    {
        using var folder = new TemporaryFolder();
        var options = new ClassifierServerOptions { AdapterFolder = folder.Path, Urls = [url] };
        var e = await Assert.ThrowsAsync<SkTuningException>(() => ClassifierServer.StartAsync(adapters.Model, options));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_keys_the_own_page_is_answered_and_pages_of_other_sites_are_not()
    {
        await using var server = await RunningServer.StartAsync(adapters, "words");
        foreach (var (origin, expected) in ((string, HttpStatusCode)[])[(server.Url.GetLeftPart(UriPartial.Authority), HttpStatusCode.OK),
            ("http://localhost:1", HttpStatusCode.Forbidden), ("null", HttpStatusCode.Forbidden), ("https://evil.example", HttpStatusCode.Forbidden)])
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/adapters");
            request.Headers.Add("Origin", origin);
            using var answer = await server.Client.SendAsync(request);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Fact]
    public async Task An_address_that_is_in_use_is_refused_by_name()
    {
        await using var server = await RunningServer.StartAsync(adapters);
        using var folder = new TemporaryFolder();
        var e = await Assert.ThrowsAsync<SkTuningException>(() => ClassifierServer.StartAsync(adapters.Model,
            new() { AdapterFolder = folder.Path, Urls = [server.Server.Urls[0]] }));
        Assert.Contains($"{server.Server.Urls[0]}: cannot listen", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_short_key_is_refused_without_being_quoted()
    {
        using var folder = new TemporaryFolder();
        var e = await Assert.ThrowsAsync<SkTuningException>(() => ClassifierServer.StartAsync(adapters.Model,
            new() { AdapterFolder = folder.Path, Urls = ["http://127.0.0.1:0"], AdminKeys = ["hunter2"] }));
        Assert.Contains("AdminKeys", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", e.Message, StringComparison.Ordinal);
    }
}
