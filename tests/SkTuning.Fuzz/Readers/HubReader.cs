using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using SkTuning.Fuzz.Running;
using SkTuning.Tests.Hub;

namespace SkTuning.Fuzz.Readers;

/// <summary>The hub's list of files from a server on this machine, and what the cache remembers of a download.</summary>
internal sealed class HubReader : Reader
{
    private const string Name_ = "acme/micro", Commit = "0123456789abcdef0123456789abcdef01234567", Listing = "listing.json";

    private static readonly Dictionary<string, byte[]> Files = Seed.Of(Repository.MicroModel).Files.ToDictionary();

    public override string Name => "hub";

    public override IReadOnlyList<string> Names => [Name_, Name_.Replace("/", "--", StringComparison.Ordinal)];

    public override IEnumerable<Seed> CreateSeeds(string folder)
    {
        var names = new JsonArray([.. Files.Keys.Order(StringComparer.Ordinal).Select(n => new JsonObject { ["rfilename"] = n })]);
        var listing = Encoding.UTF8.GetBytes(new JsonObject { ["sha"] = Commit, ["siblings"] = names, ["private"] = false }.ToJsonString());
        InputCase.Write(new Dictionary<string, byte[]> { [Listing] = listing }, folder);
        yield return Seed.Of(folder) with { Name = "listing" };
        Get(folder);
        // Links are not copied: a snapshot of plain files is what systems without links have.
        var cache = Seed.Of(folder);
        yield return cache with
        {
            Name = "cache",
            Damaged = [.. cache.Files.Keys.Where(f => f != Listing && !f.Contains("/blobs/") && !f.Contains(".locks"))],
        };
    }

    public override void Use(string folder, Use use)
    {
        var path = Get(folder);
        var again = Get(folder, offline: true);
        Running.Use.Holds(path == again, "offline another folder");
        Running.Use.Holds(path.StartsWith(folder, StringComparison.Ordinal), "a path outside of the cache");
        Micro.UseModel(path, use);
    }

    private static string Get(string folder, bool offline = false)
    {
        var listing = File.ReadAllBytes(Path.Combine(folder, Listing));
        using var server = new TestServer(request => Answer(request, listing));
        Environment.SetEnvironmentVariable("HF_ENDPOINT", server.Address);
        Environment.SetEnvironmentVariable("HF_HOME", Path.Combine(folder, "home"));
        Environment.SetEnvironmentVariable("HF_HUB_CACHE", Path.Combine(folder, "home", "hub"));
        Environment.SetEnvironmentVariable("HF_HUB_OFFLINE", offline ? "1" : null);
        Environment.SetEnvironmentVariable("HF_TOKEN", null);
        return ModelHub.GetAsync(Name_).GetAwaiter().GetResult();
    }

    private static Answer Answer(Request request, byte[] listing)
    {
        if (request.Path.StartsWith("/api/", StringComparison.Ordinal)) return new(200, listing);
        var name = Uri.UnescapeDataString(request.Path.Split('/')[^1]);
        if (!Files.TryGetValue(name, out var content)) return new(404) { Headers = { ["X-Error-Code"] = "EntryNotFound" } };
        var etag = Convert.ToHexStringLower(SHA256.HashData(content));
        return new(200, content) { Headers = { ["ETag"] = $"\"{etag}\"", ["X-Linked-Etag"] = $"\"{etag}\"", ["X-Repo-Commit"] = Commit } };
    }
}
