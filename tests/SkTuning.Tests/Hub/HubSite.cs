using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>
/// A hub with one model that answers like the Hugging Face hub: a list of files, small files from the hub itself, large ones through a redirect to a store on
/// another port. Tests can change the answers of both.
/// </summary>
internal sealed class HubSite : IDisposable
{
    public const string Name = "acme/tiny", Commit = "0123456789abcdef0123456789abcdef01234567";

    private readonly SortedDictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, byte[]> _stored = new();

    public HubSite(params (string Name, byte[] Content)[] files)
    {
        foreach (var (name, content) in files) Add(name, content);
        Store = new(FromStore);
        Hub = new(FromHub);
    }

    /// <summary>A model that is quick to download: small files that no loader would accept, and one large file.</summary>
    public static HubSite Small(int weights = 300_000) => new(
        ("config.json", "{}"u8.ToArray()), ("tokenizer.json", "{\"a\": 1}"u8.ToArray()), ("README.md", "not needed"u8.ToArray()),
        ("model.safetensors", Bytes(weights)));

    public TestServer Hub { get; }
    public TestServer Store { get; }

    /// <summary>Answers instead of the hub, unless the result is null.</summary>
    public Func<Request, Answer?> BeforeHub { get; set; } = _ => null;

    /// <summary>Returns the store's answer, or a different one.</summary>
    public Func<Request, Answer, Answer> AfterStore { get; set; } = (_, answer) => answer;

    public IReadOnlyDictionary<string, byte[]> Files => _files;

    /// <summary>The requests for the content of large files.</summary>
    public IEnumerable<Request> Fetched => Store.Requests.Where(r => r.Method == "GET");

    public void Add(string name, byte[] content)
    {
        _files[name] = content;
        if (IsLarge(name)) _stored[Etag(name)] = content;
    }

    public string Etag(string name) => IsLarge(name)
        ? Convert.ToHexStringLower(SHA256.HashData(_files[name]))
        : Convert.ToHexStringLower(SHA1.HashData([.. Encoding.ASCII.GetBytes($"blob {_files[name].Length}\0"), .. _files[name]]));

    public HubSettings Settings(
        string home, string? token = null, bool offline = false, bool links = true, double stall = 20, Func<string, long?>? free = null) => new()
        {
            Endpoint = Hub.Address,
            Cache = Path.Combine(home, "hub"),
            Token = token,
            Offline = offline,
            Links = links,
            FirstWait = TimeSpan.FromMilliseconds(10),
            MaxWait = TimeSpan.FromSeconds(2),
            AnswerTime = TimeSpan.FromSeconds(20),
            StallTime = TimeSpan.FromSeconds(stall),
            FreeSpace = free ?? (_ => null),
        };

    public static byte[] Bytes(int count)
    {
        var bytes = new byte[count];
        for (var i = 0; i < count; i++) bytes[i] = (byte)(i * 31 + (i >> 8));
        return bytes;
    }

    public void Dispose()
    {
        Hub.Dispose();
        Store.Dispose();
    }

    private static bool IsLarge(string name) => Path.GetExtension(name) is ".safetensors" or ".bin" or ".gguf";

    private Answer FromHub(Request request)
    {
        if (BeforeHub(request) is { } other) return other;
        if (request.Path is $"/api/models/{Name}/revision/main" or $"/api/models/{Name}/revision/refs%2Fpr%2F1" or $"/api/models/{Name}/revision/{Commit}")
        {
            var siblings = new JsonArray([.. _files.Keys.Select(n => new JsonObject { ["rfilename"] = n })]);
            return new(200, new JsonObject { ["sha"] = Commit, ["siblings"] = siblings }.ToJsonString());
        }
        if (request.Path.StartsWith("/api/", StringComparison.Ordinal))
            return new(404) { Headers = { ["X-Error-Code"] = request.Path.Contains(Name) ? "RevisionNotFound" : "RepoNotFound" } };
        const string resolve = $"/{Name}/resolve/{Commit}/";
        if (!request.Path.StartsWith(resolve, StringComparison.Ordinal)
            || Uri.UnescapeDataString(request.Path[resolve.Length..]) is var name && !_files.ContainsKey(name))
            return new(404) { Headers = { ["X-Error-Code"] = "EntryNotFound" } };
        if (!IsLarge(name)) return new(200, _files[name]) { Headers = { ["ETag"] = $"W/\"{Etag(name)}\"", ["X-Repo-Commit"] = Commit } };
        return new(302, "to the store")
        {
            Headers =
            {
                ["Location"] = $"{Store.Address}/{Etag(name)}?signature=secret",
                ["X-Linked-Etag"] = $"\"{Etag(name)}\"",
                ["X-Linked-Size"] = _files[name].Length.ToString(CultureInfo.InvariantCulture),
                ["X-Repo-Commit"] = Commit,
            },
        };
    }

    private Answer FromStore(Request request)
    {
        var content = _stored[request.Path[1..request.Path.IndexOf('?')]];
        var answer = request.From == 0 ? new(200, content)
            : request.From >= content.Length ? new Answer(416)
            : new(206, content[(int)request.From..]) { Headers = { ["Content-Range"] = $"bytes {request.From}-{content.Length - 1}/{content.Length}" } };
        return AfterStore(request, answer);
    }
}

/// <summary>Keeps each report, synchronously.</summary>
internal sealed class ProgressLog : IProgress<HubProgress>
{
    private readonly ConcurrentQueue<HubProgress> _all = new();

    public Action<HubProgress> Also { get; init; } = _ => { };
    public IEnumerable<HubProgress> All => _all;
    public IEnumerable<HubStep> Steps => _all.Select(p => p.Step);

    public void Report(HubProgress value)
    {
        _all.Enqueue(value);
        Also(value);
    }
}
