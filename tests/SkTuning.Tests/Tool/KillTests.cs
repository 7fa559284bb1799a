using SkTuning.Compare;
using SkTuning.Models;

namespace SkTuning.Tests.Tool;

/// <summary>A process that is killed at whatever moment leaves a run that goes on.</summary>
public sealed class KillTests
{
    private const int Kills = 10, MostSteps = 5, MostMilliseconds = 60;

    [Fact]
    public void Killed_at_ten_moments_and_resumed_the_adapter_is_that_of_an_undisturbed_run()
    {
        using var folder = new TemporaryFolder();
        var rows = File.ReadAllLines(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv"));
        File.WriteAllLines(folder["train.tsv"], rows.Take(1).Concat(rows.Skip(1).Take(24)));
        File.WriteAllLines(folder["dev.tsv"], rows.Take(1).Concat(rows.Skip(25).Take(8)));
        string[] Arguments(string run) => ["train", "--train", folder["train.tsv"], "--dev", folder["dev.tsv"], "--prompt", "Classify the topic:", "--run", folder[run], "--resume", "--bottleneck", "4", "--set", "dropout=0.1",
            "--epochs", "8", "--batch-size", "4", "--patience", "0", "--threads", "1", "--device", "cpu", "--checkpoint-steps", "1", "--json"];

        var undisturbed = ToolRun.Of(Arguments("a"));
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Error);

        // A moment is some steps behind the start and a part of a step; the first ones, and now and then a later one, come while the process still starts.
        var random = new Random(1);
        var killed = 0;
        for (var k = 0; k < Kills; k++)
        {
            var (steps, wait) = (k == 0 ? 0 : random.Next(MostSteps), TimeSpan.FromMilliseconds(random.Next(MostMilliseconds)));
            using var process = ToolRun.Start(Arguments("b"));
            _ = process.StandardError.ReadToEndAsync();
            _ = process.StandardOutput.ReadToEndAsync();
            for (var goal = Events() + steps; Events() < goal && !process.HasExited;) Thread.Sleep(1);
            if (!process.WaitForExit(wait))
            {
                process.Kill();                                             // SIGKILL
                killed++;
            }
            process.WaitForExit();
        }
        Assert.InRange(killed, Kills - 3, Kills);                           // on a machine that is very busy the last ones may find the run ended
        var last = ToolRun.Of(Arguments("b"));
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder["a"], "adapter", "adapter.safetensors")), File.ReadAllBytes(Path.Combine(folder["b"], "adapter", "adapter.safetensors")));
        Assert.Equal(Losses("a"), Losses("b"));

        int Events() => File.Exists(Path.Combine(folder["b"], "metrics.jsonl")) ? File.ReadLines(Path.Combine(folder["b"], "metrics.jsonl")).Count() : 0;

        // All but the times.
        string[] Losses(string run) => [.. File.ReadAllLines(Path.Combine(folder[run], "metrics.jsonl")).Select(l => System.Text.RegularExpressions.Regex.Replace(l, "\"(tokensPerSecond|elapsed)\":[^,}]+", ""))];
    }
}
