using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using SkTuning.Server;
using SkTuning.Serving;

namespace SkTuning.Tests.Server;

/// <summary>A server on a free port of this machine, with a folder and a client of its own.</summary>
internal sealed class RunningServer : IAsyncDisposable
{
    private readonly TemporaryFolder _around = new();

    private RunningServer(ClassifierServer server, TemporaryFolder around) => (Server, _around, Client) = (server, around, NewClient(server));

    public ClassifierServer Server { get; }

    public HttpClient Client { get; }

    public Uri Url => new(Server.Urls[0]);

    /// <summary>The folder of adapters, inside <see cref="Around"/>.</summary>
    public string Folder => _around["adapters"];

    /// <summary>A folder with nothing but the folder of adapters in it.</summary>
    public string Around => _around.Path;

    /// <summary>Starts a server with copies of adapters.</summary>
    public static Task<RunningServer> StartAsync(MicroAdapters adapters, params string[] names) => StartAsync(adapters, o => o, names);

    public static Task<RunningServer> StartAsync(
        MicroAdapters adapters, Func<ClassifierServerOptions, ClassifierServerOptions> change, params string[] names)
        => StartAsync(adapters, change, new FrozenEmbeddingGenerator(adapters.Model), names);

    public static async Task<RunningServer> StartAsync(
        MicroAdapters adapters, Func<ClassifierServerOptions, ClassifierServerOptions> change,
        IEmbeddingGenerator<string, Embedding<float>> embedder, params string[] names)
    {
        var around = new TemporaryFolder();
        foreach (var name in names) adapters.CopyTo(name, Path.Combine(around["adapters"], name, "1"));
        var options = change(new() { AdapterFolder = around["adapters"], Urls = ["http://127.0.0.1:0"] });
        var server = await ClassifierServer.StartAsync(adapters.Model, options, embedder, CancellationToken.None);
        await server.Ready;
        return new(server, around);
    }

    public static HttpClient NewClient(ClassifierServer server) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new(server.Urls[0]) };

    /// <summary>Sends JSON, and returns the answer after a check of its status.</summary>
    public Task<JsonNode> PostAsync(string path, string json, HttpStatusCode expected = HttpStatusCode.OK)
        => SendAsync(HttpMethod.Post, path, new StringContent(json, Encoding.UTF8, "application/json"), expected);

    public Task<JsonNode> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK) => SendAsync(HttpMethod.Get, path, null, expected);

    public Task<JsonNode> UploadAsync(string path, byte[] content, HttpStatusCode expected = HttpStatusCode.Created, string type = "application/zip")
    {
        var body = new ByteArrayContent(content);
        body.Headers.ContentType = new(type);
        return SendAsync(HttpMethod.Post, path, body, expected);
    }

    public async Task<JsonNode> SendAsync(HttpMethod method, string path, HttpContent? content, HttpStatusCode expected, string? key = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        if (key is not null) request.Headers.Authorization = new("Bearer", key);
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(expected == response.StatusCode, $"{method} {path}: {(int)response.StatusCode}, expected {(int)expected}: {text}");
        if ((int)response.StatusCode >= 400) AssertProblem(response.Content.Headers.ContentType, text, (int)expected);
        return text.Length == 0 || text[0] is not ('{' or '[') ? new JsonObject() : JsonNode.Parse(text)!;
    }

    public static void AssertProblem(MediaTypeHeaderValue? type, string text, int status)
    {
        Assert.Equal("application/problem+json", type?.MediaType);
        var problem = JsonNode.Parse(text)!;
        Assert.Equal(status, (int)problem["status"]!);
        Assert.NotEmpty((string)problem["title"]!);
    }

    /// <summary>Sends bytes without a change, and returns all that comes back until the server closes the connection or nothing comes for a time.</summary>
    public async Task<string> RawAsync(byte[] request, TimeSpan? patience = null)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Url.Port);
        var stream = socket.GetStream();
        var (answer, buffer) = (new StringBuilder(), new byte[4096]);
        using var limit = new CancellationTokenSource(patience ?? TimeSpan.FromSeconds(10));
        try
        {
            await stream.WriteAsync(request, limit.Token);
            while (await stream.ReadAsync(buffer, limit.Token) is > 0 and var read)
            {
                answer.Append(Encoding.Latin1.GetString(buffer, 0, read));
                // A complete answer without a body, or one that has its whole body.
                if (IsComplete(answer.ToString())) break;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException) { }
        return answer.ToString();
    }

    public Task<string> RawAsync(string request, TimeSpan? patience = null) => RawAsync(Encoding.Latin1.GetBytes(request), patience);

    /// <summary>Every file in and around the folder of adapters.</summary>
    public string[] Files() => [.. Directory.GetFileSystemEntries(Around, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Server.DisposeAsync();
        _around.Dispose();
    }

    private static bool IsComplete(string answer)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        if (end < 0) return false;
        var length = answer[..end].Split("\r\n").FirstOrDefault(h => h.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase));
        return length is not null && answer.Length >= end + 4 + int.Parse(length[15..], System.Globalization.CultureInfo.InvariantCulture);
    }
}
