using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>Models in the cache of the hub, by their paths.</summary>
public sealed class HubSnapshotTests
{
    private const string Commit = "0123456789abcdef0123456789abcdef01234567";

    [Theory]
    [InlineData("/c/models--a--b/snapshots/" + Commit, "a/b", null)]
    [InlineData("/c/models--a--b/snapshots/" + Commit + "/sub/m.gguf", "a/b", "sub/m.gguf")]
    [InlineData("/c/models--a--b/snapshots/main", null, null)]
    [InlineData("/c/models--a--b", null, null)]
    [InlineData("/c/models--a--b/other/" + Commit, null, null)]
    [InlineData("/models--a--b/snapshots/models--c--d/snapshots/" + Commit, "c/d", null)]
    public void A_path_in_the_cache_of_the_hub_names_the_model(string path, string? name, string? file)
        => Assert.Equal((name, file), (HubSnapshot.Of(path)?.Name, HubSnapshot.Of(path)?.File));
}
