using System.Diagnostics;

namespace SkTuning.Tests.Tool;

/// <summary>A process that is killed at whatever moment leaves a run that goes on.</summary>
public sealed class KillTests
{
    private const int Kills = 10;

    [Fact]
    public void Killed_at_ten_moments_and_resumed_the_adapter_is_that_of_an_undisturbed_run()
    {
        using var folder = new TemporaryFolder();
        var rows = File.ReadAllLines(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv"));
        File.WriteAllLines(folder["train.tsv"], rows.Take(1).Concat(rows.Skip(1).Take(48)));
        File.WriteAllLines(folder["dev.tsv"], rows.Take(1).Concat(rows.Skip(49).Take(16)));
        string[] Arguments(string run) => ["train", "--train", folder["train.tsv"], "--dev", folder["dev.tsv"], "--prompt", "Classify the topic:", "--run", folder[run], "--resume", "--bottleneck", "4", "--set", "dropout=0.1",
            "--epochs", "8", "--batch-size", "4", "--patience", "0", "--threads", "1", "--device", "cpu", "--checkpoint-steps", "1", "--json"];

        var clock = Stopwatch.StartNew();
        var undisturbed = ToolRun.Of(Arguments("a"));
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Error);
        var whole = clock.Elapsed;

        // The moments are spread over the whole run, from before its first file to behind its last step, each off by chance.
        var random = new Random(1);
        var killed = 0;
        for (var k = 0; k < Kills; k++)
        {
            using var process = ToolRun.Start(Arguments("b"));
            _ = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(whole.TotalSeconds * (0.2 + 0.6 * random.NextDouble()))))
            {
                process.Kill();                                             // SIGKILL
                killed++;
            }
            process.WaitForExit();
        }
        Assert.InRange(killed, 3, Kills);
        var last = ToolRun.Of(Arguments("b"));
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder["a"], "adapter", "adapter.safetensors")), File.ReadAllBytes(Path.Combine(folder["b"], "adapter", "adapter.safetensors")));
        Assert.Equal(Losses("a"), Losses("b"));

        // All but the times.
        string[] Losses(string run) => [.. File.ReadAllLines(Path.Combine(folder[run], "metrics.jsonl")).Select(l => System.Text.RegularExpressions.Regex.Replace(l, "\"(tokensPerSecond|elapsed)\":[^,}]+", ""))];
    }
}
