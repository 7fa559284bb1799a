using SkTuning.Hub;

namespace SkTuning.Tests.Hub;

/// <summary>Connections that are cut, servers that are busy or wrong, several downloads at once.</summary>
public sealed class HubDownloadTests : HubTest
{
    private const string Weights = "model.safetensors";

    [Fact]
    public async Task Three_cuts_are_mended_by_ranges()
    {
        var cuts = 0;
        Site.BehindStore = (_, answer) => Interlocked.Increment(ref cuts) <= 3 ? answer with { CutAt = 50_000 } : answer;
        await Get();
        AssertWhole(Weights);
        Assert.Equal([0, 50_000, 100_000, 150_000], Site.Fetched.Select(r => r.From));
    }

    [Fact]
    public async Task A_cut_in_a_file_of_the_hub_itself_is_mended_too()
    {
        var cuts = 0;
        Site.BeforeHub = r => r.Method == "GET" && r.Path.EndsWith("tokenizer.json", StringComparison.Ordinal) && cuts++ == 0 ? new(200, Site.Files["tokenizer.json"]) { CutAt = 3 } : null;
        await Get();
        AssertWhole("tokenizer.json");
    }

    [Fact]
    public async Task A_cancelled_download_is_resumed_by_the_next_run()
    {
        Site.BehindStore = (_, answer) => answer with { StopAt = 120_000 };
        using var stop = new CancellationTokenSource();
        Heard = new() { Also = p => { if (p is { Step: HubStep.Waiting, File: Weights }) stop.Cancel(); } };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Get(Site.Settings(Home.Path, still: 3), cancel: stop.Token));
        Assert.Equal(120_000, new FileInfo(Blob(Weights) + ".incomplete").Length);
        Assert.False(File.Exists(Path.Combine(Model, "refs", "main")));

        Site.BehindStore = (_, answer) => answer;
        var before = Site.Fetched.Count();
        await Get();
        Assert.Equal([120_000], Site.Fetched.Skip(before).Select(r => r.From));
        AssertWhole(Weights);
    }

    [Fact]
    public async Task A_body_that_stands_still_is_asked_for_again()
    {
        var still = 0;
        Site.BehindStore = (_, answer) => still++ == 0 ? answer with { StopAt = 70_000 } : answer;
        await Get(Site.Settings(Home.Path, still: 3));
        AssertWhole(Weights);
        Assert.Equal([0, 70_000], Site.Fetched.Select(r => r.From));
    }

    [Fact]
    public async Task A_server_without_ranges_sends_all_of_it_again()
    {
        var cuts = 0;
        Site.BehindStore = (_, _) => new(200, Site.Files[Weights]) { CutAt = cuts++ == 0 ? 80_000 : null };
        await Get();
        AssertWhole(Weights);
    }

    [Fact]
    public async Task A_range_from_elsewhere_is_not_taken()
    {
        var cuts = 0;
        Site.BehindStore = (request, answer) => cuts++ switch
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
    public async Task Damage_in_what_an_earlier_run_left_costs_one_fresh_download()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Blob(Weights))!);
        File.WriteAllBytes(Blob(Weights) + ".incomplete", new byte[100_000]);
        await Get();
        AssertWhole(Weights);
        Assert.Equal([100_000, 0], Site.Fetched.Select(r => r.From));
    }

    [Fact]
    public async Task What_is_left_and_too_long_begins_anew()
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
    public async Task Content_that_is_not_what_the_hub_describes_is_refused_and_thrown_away(string file, string kind)
    {
        var wrong = Site.Files[file].Select(b => (byte)(b ^ 1)).ToArray();
        Site.BehindStore = (_, _) => new(200, wrong);
        Site.BeforeHub = r => r.Method == "GET" && file == "config.json" && r.Path.EndsWith(file, StringComparison.Ordinal) ? new(200, wrong) : null;
        var e = await Refused();
        Assert.Contains($"'{kind}' is", e.Message);
        Assert.Equal(Site.Etag(file), e.Expected);
        Assert.False(File.Exists(Blob(file)));
        Assert.False(File.Exists(Blob(file) + ".incomplete"));
        Assert.False(File.Exists(Path.Combine(Snapshot, file)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_another_size_is_refused(bool untold)
    {
        Site.BehindStore = (_, _) => new(200, HubSite.Bytes(400_000)) { Untold = untold };
        Assert.Contains("expected 300000 bytes", (await Refused()).Message);
        Assert.False(File.Exists(Blob(Weights)));
    }

    [Fact]
    public async Task A_connection_that_brings_nothing_is_given_up()
    {
        Site.BehindStore = (_, answer) => answer with { CutAt = 0 };
        Assert.Contains("without a new byte", (await Refused()).Message);
        Assert.Equal(6, Site.Fetched.Count());
    }

    [Fact]
    public async Task A_busy_hub_is_waited_for_as_long_as_it_asks()
    {
        var busy = 0;
        Site.BeforeHub = _ => busy++ == 0 ? new(429) { Headers = { ["Retry-After"] = "1" } } : null;
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await Get();
        Assert.True(clock.ElapsedMilliseconds >= 950, $"{clock.ElapsedMilliseconds} ms");
        Assert.Contains(HubStep.Waiting, Heard.Steps);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    [InlineData(408)]
    public async Task A_passing_fault_of_the_hub_or_the_store_is_tried_again(int status)
    {
        var (hub, store) = (0, 0);
        Site.BeforeHub = _ => hub++ % 2 == 0 ? new(status) : null;
        Site.BehindStore = (_, answer) => store++ % 2 == 0 ? new(status) : answer;
        await Get();
        AssertWhole("config.json", "tokenizer.json", Weights);
    }

    [Fact]
    public async Task Two_downloads_at_once_fetch_each_file_once()
    {
        Site.BehindStore = (_, answer) => { Thread.Sleep(300); return answer; };
        Assert.All(await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Get())), folder => Assert.Equal(Snapshot, folder));
        Assert.Single(Site.Fetched);
        AssertWhole("config.json", "tokenizer.json", Weights);
    }

    [Fact]
    public async Task Two_downloads_at_once_without_links_fetch_each_file_once()
    {
        Site.BehindStore = (_, answer) => { Thread.Sleep(300); return answer; };
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Get(Site.Settings(Home.Path, links: false))));
        Assert.Single(Site.Fetched);
        AssertWhole("config.json", "tokenizer.json", Weights);
    }

    [Fact]
    public async Task Progress_counts_files_and_bytes()
    {
        await Get();
        Assert.Equal(["config.json", "tokenizer.json", Weights], Heard.All.Where(p => p.Step == HubStep.Ready).Select(p => p.File));
        Assert.Equal(new HubProgress(HubStep.Ready, Weights, 3, 3, 300_000, 300_000), Heard.All.Last());
        Assert.Contains(new HubProgress(HubStep.Downloading, Weights, 3, 3, 300_000, 300_000), Heard.All);
    }

    [Fact]
    public async Task A_download_for_which_there_is_no_room_does_not_begin()
    {
        var e = await Refused(Site.Settings(Home.Path, free: _ => 250_000));
        Assert.Contains("250000 bytes free", e.Message);
        Assert.Contains("HF_HOME", e.Message);
        Assert.Empty(Site.Fetched);
    }

    [Fact]
    public async Task A_disk_that_is_full_half_way_is_said_in_one_line()
    {
        Assert.SkipUnless(File.Exists("/dev/full"), "no /dev/full here");
        Directory.CreateDirectory(Path.GetDirectoryName(Blob(Weights))!);
        File.CreateSymbolicLink(Blob(Weights) + ".incomplete", "/dev/full");
        var e = await Refused();
        Assert.True(e.Message.Contains("a full disk"), e.ToString());
    }

    [Fact]
    public async Task A_cache_that_cannot_be_written_is_named()
    {
        File.WriteAllText(Home["hub"], "a file where the cache should be");
        Assert.Contains(Home["hub"], (await Refused()).Message);
    }
}
