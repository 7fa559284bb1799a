using System.Text.Json;

namespace SkTuning.Tests.Tool;

/// <summary>What the tool makes of adapters.</summary>
public sealed class AdapterCommandTests
{
    private static string Rows(string split) => Path.Combine(Fixtures.Repository, "assets", "data", "support", split + ".tsv");

    [Fact]
    public void A_merged_adapter_is_measured_as_the_adapter_is()
    {
        using var folder = new TemporaryFolder();
        Good("train", "--train", Rows("train"), "--limit", "64", "--dev", Rows("dev"), "--method", "lora", "--prompt", "Classify the topic:", "--out", folder["a"], "--epochs", "1", "--json");
        var merged = Good("adapter", "merge", "--adapter", folder["a"], "--out", folder["m"], "--json");
        using var told = JsonDocument.Parse(merged.Output);
        var head = told.RootElement.GetProperty("adapter").GetString()!;
        Assert.Equal(Accuracy("--adapter", folder["a"]), Accuracy("--model", folder["m"], "--adapter", head));

        var again = ToolRun.Of("adapter", "merge", "--adapter", folder["a"], "--out", folder["m"]);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("never written over", again.Error);

        double Accuracy(params string[] arguments)
        {
            using var scores = JsonDocument.Parse(Good(["evaluate", .. arguments, "--data", Rows("dev"), "--json"]).Output);
            return scores.RootElement.GetProperty("accuracy").GetDouble();
        }
    }

    private static ToolRun Good(params string[] arguments)
    {
        var run = ToolRun.Of(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }
}
