using System.Text.Json;
using SkTuning.Bench;

namespace SkTuning.Tests.Tool;

/// <summary>From recordings in units to predictions, on the command line.</summary>
public sealed class PretrainTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void A_model_of_units_is_trained_tuned_and_used()
    {
        File.WriteAllLines(_folder["all.units"], GeneratedUnits.Sequences(60, 1));
        File.WriteAllLines(_folder["train.units"], GeneratedUnits.Rows(2, 6, 2).Select((r, i) => $"{i}.wav|{r.Text}|{r.Label}"));
        var made = ToolRun.Of("pretrain", "--train", _folder["all.units"], "--units", "100", "--layers", "1", "--hidden", "32", "--steps", "3",
            "--device", "cpu", "--out", _folder["model"], "--json");
        Assert.True(made.ExitCode == 0, made.Error);
        var report = JsonDocument.Parse(made.Output).RootElement;
        Assert.Equal((57, 3, 3), (report.GetProperty("sequences").GetInt32() - report.GetProperty("devSequences").GetInt32(),
            report.GetProperty("devSequences").GetInt32(), report.GetProperty("steps").GetInt32()));
        Assert.InRange(report.GetProperty("devLoss").GetDouble(), 4, 4.7);
        var trained = ToolRun.Of("train", "--model", _folder["model"], "--train", _folder["train.units"], "--collapse-repeats",
            "--method", "prompt", "--set", "start=vocabulary", "--head", "likelihood", "--label-word", "auto", "--max-steps", "2",
            "--out", _folder["adapter"], "--json");
        Assert.True(trained.ExitCode == 0, trained.Error);
        var words = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder["adapter"], "adapter.json"))).RootElement.GetProperty("labelWords");
        Assert.Equal(2, words.EnumerateArray().Select(w => w.GetString()!).Distinct(StringComparer.Ordinal).Count(w => w.All(char.IsAsciiDigit)));
        var predicted = ToolRun.Of("predict", "--adapter", _folder["adapter"], "--file", _folder["train.units"], "--collapse-repeats");
        Assert.True(predicted.ExitCode == 0, predicted.Error);
        Assert.Equal(12, predicted.Output.Split('\n').Count(l => l.Contains("word-", StringComparison.Ordinal)));
    }

    [Fact]
    public void Errors_name_the_options_of_the_command_line()
    {
        File.WriteAllLines(_folder["a.txt"], ["1 2", "3 4"]);
        Assert.Equal("error: --hidden is 33, expected a multiple of 32 up to 4096.",
            Assert.Single(ToolRun.Of("pretrain", "--train", _folder["a.txt"], "--hidden", "33", "--out", _folder["m"]).Messages));
        Assert.Contains("--units is 3", ToolRun.Of("pretrain", "--train", _folder["a.txt"], "--units", "3", "--out", _folder["m"]).Error);
        Assert.Contains("'--label-word auto' requires '--train'",
            ToolRun.Of("train", "--describe", "a=1", "--describe", "b=2", "--label-word", "auto", "--out", _folder["x"]).Error);
    }

    public void Dispose() => _folder.Dispose();
}
