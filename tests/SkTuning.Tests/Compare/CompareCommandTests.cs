using System.Diagnostics;
using System.Text.Json;
using SkTuning.Compare;
using SkTuning.Models;
using SkTuning.Tests.Tool;

namespace SkTuning.Tests.Compare;

/// <summary>sktuning compare as a user meets it.</summary>
public sealed class CompareCommandTests : IDisposable
{
    private readonly SmallComparison _small = new();

    private string Plan(int epochs = 1)
    {
        var file = Path.Combine(_small.Folder, "plan.json");
        File.WriteAllText(file, $$"""
            {
              "model": {{JsonSerializer.Serialize(Fixtures.Tiny)}}, "device": "cpu", "seeds": [1, 2, 3], "epochs": {{epochs}}, "batchSize": 4,
              "dataSets": [{ "name": "mail", "prompt": "Delivery or payment?", "train": "train.tsv", "dev": "dev.tsv", "test": "test.tsv" }],
              "methods": [{ "method": "tfidf" }, { "method": "sk-prefix", "settings": { "bottleneck": 2 }, "rates": [0.003] }]
            }
            """);
        return file;
    }

    [Fact]
    public void Compare_prints_the_table_and_writes_every_file()
    {
        var page = Path.Combine(_small.Folder, "docs", "results.md");
        var docs = Path.Combine(_small.Folder, "docs", "all.md");
        Directory.CreateDirectory(Path.GetDirectoryName(docs)!);
        File.WriteAllText(docs, "# Results\n\n<!-- compare plan: begin -->\nwhat was here\n<!-- compare plan: end -->\n\nBelow.\n");
        var run = ToolRun.Of("compare", Plan(), "--out", _small.Results, "--markdown", page, "--docs", docs);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.StartsWith("Method\tmail (Accuracy)\tParameters\ntfidf\t", run.Output);
        Assert.Contains("sk-prefix against\tWins\tTies\tLosses\tNot better on\ntfidf\t", run.Output);
        Assert.Contains("warning: mail: 1 rows of test also stand in train", run.Error);
        Assert.Contains("6/6 mail, sk-prefix, seed 3: test", run.Error);
        Assert.Equal(File.ReadAllText(page), File.ReadAllText(Path.Combine(_small.Results, "summary.md")));
        Assert.All((string[])["result.json", "trials.csv", "trials.parquet", "summary.csv", "comparisons.csv", "predictions.parquet", "report.html"], f => Assert.True(new FileInfo(Path.Combine(_small.Results, f)).Length > 0, f));
        var held = File.ReadAllText(docs);
        Assert.StartsWith("# Results\n\n<!-- compare plan: begin -->\n## plan\n\nMade by `sktuning compare plan.json`", held);
        Assert.EndsWith("<!-- compare plan: end -->\n\nBelow.\n", held);
        Assert.DoesNotContain("what was here", held);

        var json = ToolRun.Of("compare", Plan(), "--out", _small.Results, "--json");
        using var read = JsonDocument.Parse(json.Output);
        Assert.True(read.RootElement.GetProperty("complete").GetBoolean());
        Assert.Equal(2, read.RootElement.GetProperty("summaries").GetArrayLength());
        Assert.Equal(1, read.RootElement.GetProperty("leaks").GetArrayLength());
    }

    [Fact]
    public void Ctrl_C_keeps_what_was_finished_and_exits_with_130()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "no signal can be sent to one process on Windows");
        using var process = ToolRun.Start("compare", Plan(epochs: 2000), "--out", _small.Results);
        while (process.StandardError.ReadLine() is { } line && !line.StartsWith("1/6", StringComparison.Ordinal)) { }
        using (var kill = Process.Start("kill", ["-INT", $"{process.Id}"])) kill.WaitForExit();
        var run = ToolRun.End(process);
        Assert.True(run.ExitCode == 130, $"{run.ExitCode}: {run.Error}");
        Assert.Contains("1 of 6 trials are done", run.Error);
        Assert.Single(Directory.GetFiles(Path.Combine(_small.Results, "trials")));
        Assert.True(File.Exists(Path.Combine(_small.Results, "result.json")));
    }

    [Fact]
    public void A_plan_that_cannot_be_used_is_one_clear_line()
    {
        var file = Path.Combine(_small.Folder, "bad.json");
        File.WriteAllText(file, """{ "modle": "m" }""");
        var run = ToolRun.Of("compare", file);
        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"error: {file}: 'modle' is not known", run.Error);
        Assert.Single(run.Error.Trim().Split('\n'));
    }

    public void Dispose() => _small.Dispose();
}
