namespace SkTuning.Tests.Hub;

/// <summary>Tests the whole path with a real model: hub, cache, loader.</summary>
public sealed class FromHubTests : HubTest
{
    public FromHubTests()
    {
        Site.Dispose();
        Site = new([.. Directory.GetFiles(Fixtures.Tiny).Select(f => (Path.GetFileName(f), File.ReadAllBytes(f)))]);
    }

    [Fact]
    public async Task A_model_is_complete_after_three_lost_connections_and_is_found_offline_afterwards()
    {
        var cuts = 0;
        Site.AfterStore = (_, answer) => Interlocked.Increment(ref cuts) <= 3 ? answer with { CutAt = 3_000_000 } : answer;
        using (var model = await ModelHub.LoadAsync(Site.Settings(Home.Path), HubSite.Name, "main", null, null, Log, default)) AssertIsTiny(model);
        Assert.Equal([0, 3_000_000, 6_000_000, 9_000_000], Site.Fetched.Select(r => r.From));
        AssertWhole("config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors");
        Assert.False(File.Exists(Path.Combine(Snapshot, "training.json")));

        Site.Dispose();
        var offline = Site.Settings(Home.Path, offline: true);
        using (var model = await ModelHub.LoadAsync(offline, HubSite.Name, "main", new() { CopyWeights = true }, null, Log, default)) AssertIsTiny(model);

        var weights = File.ReadAllBytes(Blob("model.safetensors"));
        weights[^5] ^= 1;
        File.WriteAllBytes(Blob("model.safetensors"), weights);
        var e = await Assert.ThrowsAnyAsync<SkTuningException>(() => ModelHub.LoadAsync(offline, HubSite.Name, "main", null, null, Log, default));
        Assert.Contains("model.safetensors", e.Message);
        Assert.Contains("changed on disk", e.Message);
    }

    private static void AssertIsTiny(FrozenModel model)
    {
        using var local = FrozenModel.Load(Fixtures.Tiny);
        Assert.Equal(local.Describe().Parameters, model.Describe().Parameters);
        Assert.Equal(local.Fingerprint, model.Fingerprint);
    }
}
