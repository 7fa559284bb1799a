using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>The cache is the one that Python's huggingface_hub reads and writes, and its content is checked.</summary>
public sealed class HubCacheTests : HubTest
{
    [Fact]
    public async Task The_cache_has_the_layout_that_Python_expects()
    {
        Assert.Equal(Snapshot, await Get());
        Assert.Equal(HubSite.Commit, File.ReadAllText(Path.Combine(Model, "refs", "main")));
        Assert.Equal(["config.json", "model.safetensors", "tokenizer.json"], Directory.GetFiles(Snapshot).Select(Path.GetFileName).Order());
        AssertWhole("config.json", "tokenizer.json", "model.safetensors");
        foreach (var file in new[] { "config.json", "model.safetensors" })
        {
            Assert.Equal($"../../blobs/{Site.Etag(file)}", new FileInfo(Path.Combine(Snapshot, file)).LinkTarget);
            Assert.Equal(Site.Files[file].Length, new FileInfo(Blob(file)).Length);
        }
        Assert.DoesNotContain(Site.Hub.Requests, r => r.Path.Contains("README"));
    }

    [Fact]
    public async Task A_download_by_Python_is_found_offline_and_online_without_a_byte_downloaded()
    {
        AsPythonDoes();
        Assert.Equal(Snapshot, await Offline());
        Assert.Empty(Site.Hub.Requests);
        Assert.Equal(Snapshot, await Get());
        Assert.Single(Site.Hub.Requests); // the list of files
        Assert.Empty(Site.Store.Requests);
    }

    [Fact]
    public async Task A_blob_that_Python_has_for_another_commit_is_not_downloaded_again()
    {
        AsPythonDoes();
        Directory.Delete(Path.Combine(Model, "snapshots"), recursive: true);
        await Get();
        Assert.Empty(Site.Store.Requests);
        AssertWhole("model.safetensors");
    }

    [Fact]
    public async Task A_second_get_requests_only_the_list_of_files()
    {
        await Get();
        var before = (Site.Hub.Requests.Count, Site.Store.Requests.Count);
        await Get();
        Assert.Equal((before.Item1 + 1, before.Item2), (Site.Hub.Requests.Count, Site.Store.Requests.Count));
    }

    [Fact]
    public async Task A_downloaded_model_is_found_offline_by_branch_and_by_commit()
    {
        await Get();
        Site.Dispose();
        Assert.Equal(Snapshot, await Offline());
        Assert.Equal(Snapshot, await Get(Site.Settings(Home.Path, offline: true), revision: HubSite.Commit));
    }

    [Fact]
    public async Task The_cache_is_used_and_reported_if_the_hub_cannot_be_reached()
    {
        await Get();
        Site.Dispose();
        Assert.Equal(Snapshot, await Get());
        Assert.Contains(HubStep.Unreachable, Log.Steps);
    }

    [Fact]
    public async Task A_branch_with_slashes_has_its_reference_in_folders()
    {
        await Get(revision: "refs/pr/1");
        Assert.Equal(HubSite.Commit, File.ReadAllText(Path.Combine(Model, "refs", "refs", "pr", "1")));
        Assert.Contains(Site.Hub.Requests, r => r.Path.EndsWith("/revision/refs%2Fpr%2F1", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_commit_leaves_no_reference()
    {
        Assert.Equal(Snapshot, await Get(revision: HubSite.Commit));
        Assert.False(Directory.Exists(Path.Combine(Model, "refs")));
    }

    [Theory]
    [InlineData("config.json")]
    [InlineData("model.safetensors")]
    public async Task A_file_changed_on_disk_is_named_offline_and_replaced_online(string file)
    {
        await Get();
        Change(Blob(file));
        var e = await Refused(Site.Settings(Home.Path, offline: true));
        Assert.Contains(file, e.Message);
        Assert.Contains("changed on disk", e.Message);
        Assert.Equal(Site.Etag(file), Assert.IsType<SkTuningFileException>(e).Expected);

        await Get();
        Assert.Equal([file], Log.All.Where(p => p.Step == HubStep.Changed).Select(p => p.File));
        AssertWhole("config.json", "tokenizer.json", "model.safetensors");
        await Offline();
    }

    [Fact]
    public async Task A_link_replaced_by_another_file_is_noticed()
    {
        await Get();
        var file = Path.Combine(Snapshot, "tokenizer.json");
        File.Delete(file);
        File.WriteAllText(file, "{\"a\": 2}");
        Assert.Contains("changed on disk", (await Refused(Site.Settings(Home.Path, offline: true))).Message);
        await Get();
        AssertWhole("tokenizer.json");
        Assert.NotNull(new FileInfo(file).LinkTarget);
    }

    [Fact]
    public async Task A_truncated_file_and_a_broken_link_are_downloaded_again()
    {
        await Get();
        File.WriteAllBytes(Blob("model.safetensors"), Site.Files["model.safetensors"][..1000]);
        File.Delete(Blob("config.json"));
        Assert.Contains("config.json", (await Refused(Site.Settings(Home.Path, offline: true))).Message);
        await Get();
        AssertWhole("config.json", "model.safetensors");
    }

    [Fact]
    public async Task Without_links_the_files_themselves_are_in_the_snapshot_and_still_checked()
    {
        var noLinks = Site.Settings(Home.Path, links: false);
        Assert.Equal(Snapshot, await Get(noLinks));
        Assert.All(Directory.GetFiles(Snapshot), f => Assert.Null(new FileInfo(f).LinkTarget));
        AssertWhole("config.json", "tokenizer.json", "model.safetensors");
        var fetched = Site.Fetched.Count();
        await Get(noLinks);
        Assert.Equal(fetched, Site.Fetched.Count());

        Change(Path.Combine(Snapshot, "model.safetensors"));
        Assert.Contains("changed on disk", (await Refused(Site.Settings(Home.Path, links: false, offline: true))).Message);
        await Get(noLinks);
        AssertWhole("model.safetensors");
    }

    [Fact]
    public async Task Files_that_Python_put_there_without_links_are_checked_with_the_hub()
    {
        Directory.CreateDirectory(Snapshot);
        Directory.CreateDirectory(Path.Combine(Model, "refs"));
        File.WriteAllText(Path.Combine(Model, "refs", "main"), HubSite.Commit);
        foreach (var (name, content) in Site.Files) File.WriteAllBytes(Path.Combine(Snapshot, name), content);
        Assert.Equal(Snapshot, await Offline());
        await Get();
        Assert.Empty(Site.Fetched);
        Assert.DoesNotContain(HubStep.Changed, Log.Steps);
    }

    [Theory]
    [InlineData("model.safetensors", "no weights")]
    [InlineData("tokenizer.json", "no tokenizer")]
    [InlineData("config.json", "no config.json")]
    public async Task An_incomplete_model_is_refused_offline(string missing, string message)
    {
        await Get();
        File.Delete(Path.Combine(Snapshot, missing));
        Assert.Contains(message, (await Refused(Site.Settings(Home.Path, offline: true))).Message);
    }

    [Fact]
    public async Task A_model_that_was_never_downloaded_is_refused_offline_by_name()
    {
        var e = await Refused(Site.Settings(Home.Path, offline: true));
        Assert.Contains("acme/tiny (main)", e.Message);
        Assert.Contains("HF_HUB_OFFLINE", e.Message);
        Assert.Empty(Site.Hub.Requests);
    }

    private static void Change(string file)
    {
        var bytes = File.ReadAllBytes(file);
        bytes[^1] ^= 1;
        File.WriteAllBytes(file, bytes);
    }

    private void AsPythonDoes()
    {
        Directory.CreateDirectory(Path.Combine(Model, "blobs"));
        Directory.CreateDirectory(Path.Combine(Model, "refs"));
        Directory.CreateDirectory(Snapshot);
        File.WriteAllText(Path.Combine(Model, "refs", "main"), HubSite.Commit);
        foreach (var (name, content) in Site.Files)
        {
            File.WriteAllBytes(Blob(name), content);
            File.CreateSymbolicLink(Path.Combine(Snapshot, name), $"../../blobs/{Site.Etag(name)}");
        }
    }
}
