using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>The base class of tests with a hub that has a small model, and a folder for the cache.</summary>
public abstract class HubTest : IDisposable
{
    private protected HubSite Site { get; set; } = HubSite.Small();
    private protected TemporaryFolder Home { get; } = new();
    private protected ProgressLog Log { get; set; } = new();

    private protected string Model => Path.Combine(Home["hub"], "models--acme--tiny");
    private protected string Snapshot => Path.Combine(Model, "snapshots", HubSite.Commit);
    private protected string Blob(string file) => Path.Combine(Model, "blobs", Site.Etag(file));

    private protected Task<string> Get(
        HubSettings? settings = null, string name = HubSite.Name, string revision = "main", string? gguf = null, CancellationToken cancellationToken = default)
        => ModelHub.GetAsync(settings ?? Site.Settings(Home.Path), name, revision, gguf, Log, cancellationToken);

    private protected Task<string> Offline() => Get(Site.Settings(Home.Path, offline: true));

    private protected async Task<SkTuningException> Refused(
        HubSettings? settings = null, string name = HubSite.Name, string revision = "main", string? gguf = null)
    {
        var e = await Assert.ThrowsAnyAsync<SkTuningException>(() => Get(settings, name, revision, gguf));
        Assert.DoesNotContain('\n', e.Message);
        return e;
    }

    private protected void AssertWhole(params string[] files)
    {
        foreach (var file in files) Assert.True(Site.Files[file].AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Snapshot, file))), file);
        var blobs = Path.Combine(Model, "blobs");
        if (Directory.Exists(blobs)) Assert.DoesNotContain(Directory.GetFiles(blobs), f => f.EndsWith(".incomplete", StringComparison.Ordinal));
    }

    public virtual void Dispose()
    {
        Site.Dispose();
        Home.Dispose();
        GC.SuppressFinalize(this);
    }
}
