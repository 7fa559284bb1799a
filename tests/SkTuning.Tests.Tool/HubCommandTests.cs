using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Tests.Hub;

namespace SkTuning.Tests.Tool;

/// <summary>The commands that use the hub, with a hub on loopback.</summary>
public sealed class HubCommandTests : HubTest
{
    public HubCommandTests()
    {
        Site.Dispose();
        Site = new([.. Directory.GetFiles(Fixtures.Tiny).Select(f => (Path.GetFileName(f), File.ReadAllBytes(f)))]);
    }

    [Fact]
    public async Task The_command_prints_the_path_and_reads_the_environment()
    {
        var (code, path, said) = await Run("model", "get", HubSite.Name);
        Assert.True(code == 0, said);
        Assert.Equal(Snapshot, path.Trim());
        Assert.Contains("model.safetensors (4/4): 13,054,336 bytes, verified", said);
        Assert.All(Site.Hub.Requests, r => Assert.Equal("Bearer hf_environment", r.Authorization));

        var (_, json, _) = await Run("model", "get", HubSite.Name, "--json");
        Assert.Equal(Snapshot, JsonDocument.Parse(json).RootElement.GetProperty("model").GetString());
        var (info, table, wrong) = await Run("info", "--model", path.Trim());
        Assert.True(info == 0, wrong);
        Assert.Contains("llama", table);
    }

    [Fact]
    public async Task An_adapter_of_a_downloaded_model_finds_it_again_without_the_hub()
    {
        var (code, _, said) = await Run("model", "get", HubSite.Name);
        Assert.True(code == 0, said);
        (code, _, said) = await Run("train", "--model", HubSite.Name, "--train", Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv"),
            "--limit", "24", "--method", "probe", "--prompt", "Topic:", "--out", Home["a"]);
        Assert.True(code == 0, said);
        var source = JsonNode.Parse(File.ReadAllText(Path.Combine(Home["a"], "adapter.json")))!["baseSource"]!;
        Assert.Equal((HubSite.Name, HubSite.Commit), ((string?)source["hub"], (string?)source["revision"]));
        Assert.Null(source["path"]);

        var requests = Site.Hub.Requests.Count;
        (code, var answer, said) = await Run("predict", "--adapter", Home["a"], "where is my parcel?");
        Assert.True(code == 0, said);
        Assert.NotEmpty(answer);
        Assert.StartsWith("Model: acme/tiny, on which the adapter was trained.", said);

        Directory.Delete(Model, recursive: true);
        (code, _, said) = await Run("predict", "--adapter", Home["a"], "where is my parcel?");
        Assert.Equal(1, code);
        Assert.Contains($"sktuning model get acme/tiny --revision {HubSite.Commit}", said);
        Assert.Contains("--model", said);
        Assert.Equal(requests, Site.Hub.Requests.Count);
    }

    [Fact]
    public async Task Two_processes_at_the_same_time_download_the_weights_once()
    {
        Site.AfterStore = (_, answer) => { Thread.Sleep(1500); return answer; };
        var both = await Task.WhenAll(Run("model", "get", HubSite.Name), Run("model", "get", HubSite.Name));
        Assert.All(both, run => Assert.True(run.Code == 0 && run.Out.Trim() == Snapshot, run.Error));
        Assert.Single(Site.Fetched);
        AssertWhole("config.json", "tokenizer.json", "model.safetensors");
    }

    [Fact]
    public async Task The_command_fails_in_one_line()
    {
        var (code, path, said) = await Run("model", "get", "acme/other");
        Assert.Equal(1, code);
        Assert.Empty(path);
        Assert.StartsWith("error: acme/other (main): 404", said);
        Assert.Single(said.TrimEnd().Split('\n'));
        Assert.Equal(2, (await Run("model", "get")).Code);
    }

    private async Task<(int Code, string Out, string Error)> Run(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", ["exec", Path.Combine(AppContext.BaseDirectory, "SkTuning.Tool.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var variables = start.Environment.Keys.Where(k => k.StartsWith("HF_", StringComparison.Ordinal) || k.StartsWith("HUGGING", StringComparison.Ordinal));
        foreach (var name in variables.ToList()) start.Environment.Remove(name);
        (start.Environment["HF_ENDPOINT"], start.Environment["HF_HOME"], start.Environment["HF_TOKEN"]) = (Site.Hub.Address, Home.Path, "hf_environment");
        start.Environment["NO_PROXY"] = "127.0.0.1";
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }
}
