using System.Text.Json;

namespace SkTuning.Tests.Tool;

/// <summary>Merging, exporting and importing adapters on the command line.</summary>
public sealed class AdapterCommandTests
{
    private static string Rows(string split) => Path.Combine(Fixtures.Repository, "assets", "data", "support", split + ".tsv");

    [Fact]
    public void Merged_exported_and_imported_adapters_give_the_same_scores()
    {
        using var folder = new TemporaryFolder();
        Good("train", "--train", Rows("train"), "--limit", "64", "--dev", Rows("dev"), "--method", "lora", "--head", "hf", "--out", folder["a"],
            "--epochs", "1", "--json");
        var expected = Scores("--adapter", folder["a"]);

        using var merged = JsonDocument.Parse(Good("adapter", "merge", "--adapter", folder["a"], "--out", folder["m"], "--json").Output);
        Same(expected, Scores("--model", folder["m"], "--adapter", merged.RootElement.GetProperty("adapter").GetString()!));
        var again = ToolRun.Of("adapter", "merge", "--adapter", folder["a"], "--out", folder["m"]);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("never overwritten", again.Error);

        Good("adapter", "export", "--adapter", folder["a"], "--out", folder["p"], "--base", "org/tiny");
        Assert.Contains("\"org/tiny\"", File.ReadAllText(Path.Combine(folder["p"], "adapter_config.json")));
        Good("adapter", "import", "--peft", folder["p"], "--out", folder["i"]);
        Same(expected, Scores("--adapter", folder["i"]));
        Assert.Contains("leave them out", ToolRun.Of("adapter", "import", "--peft", folder["p"], "--labels", "a,b", "--out", folder["i"]).Error);
    }

    [Fact]
    public void A_label_is_added_without_training()
    {
        using var folder = new TemporaryFolder();
        Good("train", "--train", Rows("train"), "--limit", "64", "--dev", Rows("dev"), "--method", "lora", "--head", "label-texts",
            "--objective", "label-anchors", "--describe", "delivery=when a parcel arrives", "--out", folder["a"], "--epochs", "1");
        string[] add = ["adapter", "labels", "add", "weather", "--adapter", folder["a"], "--describe", "rain and sunshine"];
        Assert.Contains("Accuracy to expect for its texts: ", Good([.. add, "--out", folder["b"]]).Output);
        Assert.DoesNotContain("weather", Scores("--adapter", folder["a"]));
        using var added = JsonDocument.Parse(Good([.. add, "--json"]).Output);
        Assert.Equal("weather", added.RootElement.GetProperty("labels").EnumerateArray().Last().GetString());
        Same(Scores("--adapter", folder["a"]), Scores("--adapter", folder["b"]));
        var twice = ToolRun.Of(add);
        Assert.Equal(1, twice.ExitCode);
        Assert.Contains("the label 'weather' already", twice.Error);
    }

    private static Dictionary<string, double> Scores(params string[] arguments)
    {
        using var said = JsonDocument.Parse(Good(["predict", .. arguments, "--json", "where is my parcel?"]).Output);
        return said.RootElement.GetProperty("scores").EnumerateObject().ToDictionary(s => s.Name, s => s.Value.GetDouble());
    }

    private static void Same(Dictionary<string, double> expected, Dictionary<string, double> actual)
    {
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        foreach (var (label, score) in expected) Assert.Equal(score, actual[label], 1e-5);
    }

    private static ToolRun Good(params string[] arguments)
    {
        var run = ToolRun.Of(arguments);
        Assert.True(run.ExitCode == 0, run.Error);
        return run;
    }
}
