using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>Lost connections, servers that are busy or wrong, and several downloads at the same time.</summary>
public sealed class HubDownloadTests : HubTest
{
    private const string Weights = "model.safetensors";

    [Fact]
    public async Task Three_lost_connections_are_resumed_by_ranges()
    {
        var cuts = 0;
        Site.AfterStore = (_, answer) => Interlocked.Increment(ref cuts) <= 3 ? answer with { CutAt = 50_000 } : answer;
        await Get();
        AssertWhole(Weights);
        Assert.Equal([0, 50_000, 100_000, 150_000], Site.Fetched.Select(r => r.From));
    }

    [Fact]
    public async Task A_lost_connection_to_the_hub_itself_is_resumed_too()
    {
        var cuts = 0;
        Site.BeforeHub = r => r.Method == "GET" && r.Path.EndsWith("tokenizer.json", StringComparison.Ordinal) && cuts++ == 0
            ? new(200, Site.Files["tokenizer.json"]) { CutAt = 3 } : null;
        await Get();
        AssertWhole("tokenizer.json");
    }

    [Fact]
    public async Task A_canceled_download_is_resumed_by_the_next_run()
    {
        Site.AfterStore = (_, answer) => answer with { StopAt = 120_000 };
        using var stop = new CancellationTokenSource();
        Log = new() { Also = p => { if (p is { Step: HubStep.Waiting, File: Weights }) stop.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Get(Site.Settings(Home.Path, stall: 3), cancellationToken: stop.Token));
        Assert.Equal(120_000, new FileInfo(Blob(Weights) + ".incomplete").Length);
        Assert.False(File.Exists(Path.Combine(Model, "refs", "main")));

        Site.AfterStore = (_, answer) => answer;
        var before = Site.Fetched.Count();
        await Get();
        Assert.Equal([120_000], Site.Fetched.Skip(before).Select(r => r.From));
        AssertWhole(Weights);
    }

    [Fact]
    public async Task A_stalled_body_is_requested_again()
    {
        var stalled = 0;
        Site.AfterStore = (_, answer) => stalled++ == 0 ? answer with { StopAt = 70_000 } : answer;
        await Get(Site.Settings(Home.Path, stall: 3));
        AssertWhole(Weights);
        Assert.Equal([0, 70_000], Site.Fetched.Select(r => r.From));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_the_whole_file_again()
    {
        var cuts = 0;
        Site.AfterStore = (_, _) => new(200, Site.Files[Weights]) { CutAt = cuts++ == 0 ? 80_000 : null };
        await Get();
        AssertWhole(Weights);
    }

    [Fact]
    public async Task A_range_from_another_position_is_not_used()
    {
        var cuts = 0;
        Site.AfterStore = (request, answer) => cuts++ switch
        {
            0 => answer with { CutAt = 80_000 },
            1 => new(206, Site.Files[Weights][..10]) { Headers = { ["Content-Range"] = $"bytes 0-9/{Site.Files[Weights].Length}" } },
            _ => answer,
        };
        await Get();
        AssertWhole(Weights);
        Assert.Equal([0, 80_000, 0], Site.Fetched.Select(r => r.From));
    }

    [Fact]
    public async Task A_damaged_rest_of_an_earlier_run_costs_one_fresh_download()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob(Weights))!);
        File.WriteAllBytes(Blob(Weights) + ".incomplete", new byte[100_000]);
        await Get();
        AssertWhole(Weights);
        Assert.Equal([100_000, 0], Site.Fetched.Select(r => r.From));
    }

    [Fact]
    public async Task A_rest_that_is_too_long_is_downloaded_from_the_start()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob(Weights))!);
        File.WriteAllBytes(Blob(Weights) + ".incomplete", new byte[Site.Files[Weights].Length + 1]);
        await Get();
        AssertWhole(Weights);
        Assert.Equal([0], Site.Fetched.Select(r => r.From));
    }

    [Theory]
    [InlineData(Weights, "sha256")]
    [InlineData("config.json", "git sha1")]
    public async Task Content_that_differs_from_the_hubs_description_is_refused_and_deleted(string file, string kind)
    {
        var wrong = Site.Files[file].Select(b => (byte)(b ^ 1)).ToArray();
        Site.AfterStore = (_, _) => new(200, wrong);
        Site.BeforeHub = r => r.Method == "GET" && file == "config.json" && r.Path.EndsWith(file, StringComparison.Ordinal) ? new(200, wrong) : null;
        var e = await Refused();
        Assert.Contains($"'{kind}' is", e.Message);
        Assert.Equal(Site.Etag(file), Assert.IsType<SkTuningFileException>(e).Expected);
        Assert.False(File.Exists(Blob(file)));
        Assert.False(File.Exists(Blob(file) + ".incomplete"));
        Assert.False(File.Exists(Path.Combine(Snapshot, file)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_a_different_size_is_refused(bool unannounced)
    {
        Site.AfterStore = (_, _) => new(200, HubSite.Bytes(400_000)) { Unannounced = unannounced };
        Assert.Contains("expected 300000 bytes", (await Refused()).Message);
        Assert.False(File.Exists(Blob(Weights)));
    }

    [Fact]
    public async Task Connections_without_a_new_byte_are_given_up()
    {
        Site.AfterStore = (_, answer) => answer with { CutAt = 0 };
        Assert.Contains("without a new byte", (await Refused()).Message);
        Assert.Equal(6, Site.Fetched.Count());
    }

    [Fact]
    public async Task The_wait_that_a_busy_hub_asks_for_is_honored()
    {
        var busy = 0;
        Site.BeforeHub = _ => busy++ == 0 ? new(429) { Headers = { ["Retry-After"] = "1" } } : null;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Get();
        Assert.True(clock.ElapsedMilliseconds >= 950, $"{clock.ElapsedMilliseconds} ms");
        Assert.Contains(HubStep.Waiting, Log.Steps);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(408)]
    public async Task A_temporary_failure_of_the_hub_or_the_store_is_retried(int status)
    {
        var (hub, store) = (0, 0);
        Site.BeforeHub = _ => hub++ % 2 == 0 ? new(status) : null;
        Site.AfterStore = (_, answer) => store++ % 2 == 0 ? new(status) : answer;
        await Get();
        AssertWhole("config.json", "tokenizer.json", Weights);
    }

    [Fact]
    public async Task Several_downloads_at_the_same_time_fetch_each_file_once()
    {
        Site.AfterStore = (_, answer) => { Thread.Sleep(300); return answer; };
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Get())), folder => Assert.Equal(Snapshot, folder));
        Assert.Single(Site.Fetched);
        AssertWhole("config.json", "tokenizer.json", Weights);
    }

    [Fact]
    public async Task Several_downloads_at_the_same_time_without_links_fetch_each_file_once()
    {
        Site.AfterStore = (_, answer) => { Thread.Sleep(300); return answer; };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Get(Site.Settings(Home.Path, links: false))));
        Assert.Single(Site.Fetched);
        AssertWhole("config.json", "tokenizer.json", Weights);
    }

    [Fact]
    public async Task Progress_counts_files_and_bytes()
    {
        await Get();
        Assert.Equal(["config.json", "tokenizer.json", Weights], Log.All.Where(p => p.Step == HubStep.Ready).Select(p => p.File));
        Assert.Equal(new HubProgress(HubStep.Ready, Weights, 3, 3, 300_000, 300_000), Log.All.Last());
        Assert.Contains(new HubProgress(HubStep.Downloading, Weights, 3, 3, 300_000, 300_000), Log.All);
    }

    [Fact]
    public async Task A_download_without_enough_disk_space_does_not_begin()
    {
        var e = await Refused(Site.Settings(Home.Path, free: _ => 250_000));
        Assert.Contains("250000 bytes free", e.Message);
        Assert.Contains("HF_HOME", e.Message);
        Assert.Empty(Site.Fetched);
    }

    [Fact]
    public async Task A_disk_that_fills_up_during_a_download_is_reported_in_one_line()
    {
        using var disk = new SmallDisk();
        File.WriteAllBytes(Path.Combine(disk.Path, "ballast"), new byte[SmallDisk.Size / 2]);
        var e = await Refused(Site.Settings(disk.Path, free: _ => long.MaxValue));
        Assert.True(e.Message.Contains("a full disk"), e.ToString());
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        File.WriteAllText(Home["hub"], "a file where the cache should be");
        Assert.Contains(Home["hub"], (await Refused()).Message);
    }
}
