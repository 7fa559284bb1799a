using System.Text.Json.Nodes;

namespace SkTuning.Tests.Tool;

/// <summary>Rejection on the command line.</summary>
public sealed class TrainRejectTests
{
    private const string Label = "oos";

    [Fact]
    public void An_adapter_that_rejects_is_trained_evaluated_and_asked()
    {
        using var folder = new TemporaryFolder();
        string[] words = ["parcel", "card", "bill"], ends = ["", " please", " here", " late", " not", " it"];
        var rows = string.Concat(words.SelectMany(w => ends.Select(e => $"my {w}{e}\t{w}\n")));
        var others = string.Concat(ends.Select(e => $"good bad{e}\t{Label}\n"));
        File.WriteAllText(folder["rows.tsv"], "text\tlabel\n" + rows + others);
        string[] model = ["--model", Fixtures.MicroModel];
        var trained = ToolRun.Of(["train", .. model, "--train", folder["rows.tsv"], "--method", "probe", "--reject", "--out-of-scope-label", Label,
            "--run", folder["run"], "--out", folder["a"], "--json"]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        var result = JsonNode.Parse(trained.Output)!;
        Assert.Equal(3, result["labels"]!.AsArray().Count);
        Assert.Equal(4, result["rejection"]!["candidates"]!.AsObject().Count);
        var evaluated = ToolRun.Of(["evaluate", .. model, "--adapter", folder["a"], "--data", folder["rows.tsv"], "--json"]);
        Assert.True(evaluated.ExitCode == 0, evaluated.Error);
        Assert.Equal((18, 6), ((int)JsonNode.Parse(evaluated.Output)!["rows"]!, (int)JsonNode.Parse(evaluated.Output)!["rejection"]!["outOfScopeRows"]!));
        var predicted = ToolRun.Of(["predict", .. model, "--adapter", folder["a"], "my parcel", "--json"]);
        var prediction = JsonNode.Parse(predicted.Output)!;
        Assert.Equal((double)prediction["outOfScopeScore"]! > (double)result["rejection"]!["threshold"]!, (bool)prediction["outOfScope"]!);
        var report = ToolRun.Of("report", folder["run"], "--out", folder["run.html"]);
        Assert.True(report.ExitCode == 0, report.Error);
        Assert.Contains("Rejection curve", File.ReadAllText(folder["run.html"]));
    }

    [Theory]
    [InlineData("requires '--reject'", "--out-of-scope-label", Label)]
    [InlineData("requires '--reject'", "--reject-score", "Energy")]
    [InlineData("expected a number from 0 to 0.5", "--reject", "--reject-fraction", "0.6")]
    [InlineData("specify dev rows (--dev), or 2 or more for --folds.", "--reject", "--folds", "0")]
    [InlineData("--reject-score is Mahalanobis, but the head has no features", "--reject", "--reject-score", "Mahalanobis", "--head", "likelihood",
        "--template", "{text} it", "--method", "probe")]
    [InlineData("requires '--task single-label'", "--reject", "--task", "multi-label")]
    public void Options_that_do_not_fit_are_refused(string message, params string[] options)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["rows.tsv"], "text\tlabel\nmy card\tcard\nmy bill\tbill\nthe card\tcard\nthe bill\tbill\n");
        var run = ToolRun.Of(["train", "--model", Fixtures.MicroModel, "--train", folder["rows.tsv"], "--out", folder["a"], .. options]);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains(message, run.Error);
    }
}
