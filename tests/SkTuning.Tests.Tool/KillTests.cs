using System.Text.RegularExpressions;

namespace SkTuning.Tests.Tool;

/// <summary>A run whose process is killed at any time can be resumed.</summary>
public sealed class KillTests
{
    private const int Kills = 10, MaxSteps = 5, MaxMilliseconds = 60;

    [Fact]
    public void A_run_killed_ten_times_and_resumed_gives_the_adapter_of_an_undisturbed_run()
    {
        using var folder = new TemporaryFolder();
        var rows = File.ReadAllLines(Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv"));
        File.WriteAllLines(folder["train.tsv"], rows.Take(1).Concat(rows.Skip(1).Take(24)));
        File.WriteAllLines(folder["dev.tsv"], rows.Take(1).Concat(rows.Skip(25).Take(8)));
        string[] Arguments(string run) =>
        [
            "train", "--train", folder["train.tsv"], "--dev", folder["dev.tsv"], "--prompt", "Classify the topic:", "--run", folder[run], "--resume",
            "--method", "sk-prefix", "--bottleneck", "4", "--set", "dropout=0.1",
            "--epochs", "8", "--batch-size", "4", "--patience", "0", "--threads", "1", "--device", "cpu",
            "--checkpoint-steps", "1", "--json",
        ];

        var undisturbed = ToolRun.Of(Arguments("a"));
        Assert.True(undisturbed.ExitCode == 0, undisturbed.Error);

        // The process is killed a few steps and a fraction of a step after its start, sometimes while it is still starting.
        var random = new Random(1);
        var killed = 0;
        for (var k = 0; k < Kills; k++)
        {
            var (steps, wait) = (k == 0 ? 0 : random.Next(MaxSteps), TimeSpan.FromMilliseconds(random.Next(MaxMilliseconds)));
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
        Assert.InRange(killed, Kills - 3, Kills);                           // on a very busy machine, the run may have ended before the last kills
        var last = ToolRun.Of(Arguments("b"));
        Assert.True(last.ExitCode == 0, last.Error);
        Assert.Equal(File.ReadAllBytes(Path.Combine(folder["a"], "adapter", "adapter.safetensors")),
            File.ReadAllBytes(Path.Combine(folder["b"], "adapter", "adapter.safetensors")));
        Assert.Equal(Losses("a"), Losses("b"));

        int Events() => File.Exists(Path.Combine(folder["b"], "metrics.jsonl")) ? File.ReadLines(Path.Combine(folder["b"], "metrics.jsonl")).Count() : 0;

        // Everything except the times.
        string[] Losses(string run) =>
        [
            .. File.ReadAllLines(Path.Combine(folder[run], "metrics.jsonl"))
                .Select(l => Regex.Replace(l, "\"(tokensPerSecond|elapsed)\":[^,}]+", "")),
        ];
    }
}
