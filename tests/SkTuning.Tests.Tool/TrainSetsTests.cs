using System.Text.Json.Nodes;

namespace SkTuning.Tests.Tool;

/// <summary>Sets of possible labels and classifiers without rows on the command line.</summary>
public sealed class TrainSetsTests
{
    private static string Support(string part) => Path.Combine(Fixtures.Repository, "assets", "data", "support", part + ".tsv");

    [Fact]
    public void A_coverage_is_trained_predicted_evaluated_and_reported()
    {
        using var folder = new TemporaryFolder();
        var trained = ToolRun.Of("train", "--train", Support("train"), "--limit", "80", "--dev", Support("dev"), "--method", "probe", "--coverage", "0.9",
            "--run", folder["run"], "--out", folder["a"]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Contains("contain the true one with a probability of 90.0%", trained.Output);
        var predicted = ToolRun.Of("predict", "--adapter", folder["a"], "--json", "where is my parcel?");
        var json = JsonNode.Parse(predicted.Output)!;
        Assert.Equal((string?)json["label"], (string?)json["possibleLabels"]![0]);
        Assert.Contains((string?)json["outcome"], (string?[])["answer", "ask", "escalate"]);
        Assert.Contains("sets for 90 %", ToolRun.Of("evaluate", "--adapter", folder["a"], "--data", Support("test")).Output);
        Assert.Equal(0, ToolRun.Of("report", folder["run"], "--out", folder["page.html"]).ExitCode);
        var page = File.ReadAllText(folder["page.html"]);
        Assert.Contains("Sets of possible labels", page);
        Assert.Contains("Mean size by coverage", page);
    }

    [Fact]
    public void Texts_of_labels_alone_make_an_adapter_that_rows_improve()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["labels.json"], """{"delivery":["where is my parcel","delivery"],"payment":["my card was charged","payment"]}""");
        var made = ToolRun.Of("train", "--describe", folder["labels.json"], "--out", folder["a"]);
        Assert.True(made.ExitCode == 0, made.Error);
        Assert.Contains("Made a classifier of 2 labels", made.Output);
        Assert.Equal("delivery", ToolRun.Of("predict", "--adapter", folder["a"], "where is my parcel").Output.Split('\t')[0]);
        var improved = ToolRun.Of("train", "--train", Support("train"), "--limit", "60", "--start-from", folder["a"], "--out", folder["b"], "--json");
        Assert.True(improved.ExitCode == 0, improved.Error);
        Assert.Equal(60, (int)JsonNode.Parse(improved.Output)!["trainRows"]!);
    }

    [Fact]
    public void A_part_of_the_units_is_kept_and_shown()
    {
        using var folder = new TemporaryFolder();
        string[] arguments =
            ["train", "--train", Support("train"), "--limit", "40", "--method", "probe", "--folds", "0", "--prune", "0.25", "--prune-by", "magnitude"];
        var trained = ToolRun.Of([.. arguments, "--out", folder["a"]]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Contains("Kept 1,056 of 4,224 feed-forward units, by magnitude; their weights take 3.2 MB in addition to the model.", trained.Output);
        var json = JsonNode.Parse(ToolRun.Of([.. arguments, "--out", folder["b"], "--json"]).Output)!["pruning"]!;
        Assert.Equal(("magnitude", 1056, 4224, 3_244_032), ((string?)json["by"], (int)json["keptUnits"]!, (int)json["units"]!, (int)json["memory"]!));
        Assert.Equal(0, ToolRun.Of("predict", "--adapter", folder["a"], "where is my parcel?").ExitCode);
    }

    [Theory]
    [InlineData(2, "Option '--prune' must be above 0", "--train", "x.tsv", "--out", "a", "--prune", "50")]
    [InlineData(2, "Option '--prune-by' requires '--prune'", "--train", "x.tsv", "--out", "a", "--prune-by", "random")]
    [InlineData(2, "cannot be combined with '--start-from'", "--train", "x.tsv", "--out", "a", "--prune", "0.5", "--start-from", "b")]
    [InlineData(2, "Option '--prune' requires '--train'", "--describe", "a=b", "--describe", "c=d", "--out", "a", "--prune", "0.5")]
    [InlineData(2, "Option '--train' is required", "--out", "a")]
    [InlineData(2, "Option '--run' requires '--train'", "--describe", "a=b", "--describe", "c=d", "--run", "r")]
    [InlineData(2, "Option '--start-from' requires '--train'", "--describe", "a=b", "--out", "a", "--start-from", "x")]
    [InlineData(2, "required for the task regression", "--describe", "a=b", "--out", "a", "--task", "regression")]
    [InlineData(2, "Option '--coverage' must be above 0", "--train", "x.tsv", "--out", "a", "--coverage", "95")]
    [InlineData(1, "found 1 label", "--describe", "a=b", "--out", "a")]
    [InlineData(1, "--coverage is for the task single-label", "--train", "ROWS", "--out", "a", "--task", "multi-label", "--coverage", "0.9")]
    public void What_does_not_fit_is_refused_in_the_terms_of_the_options(int code, string named, params string[] arguments)
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of(["train", .. arguments.Select(a => a is "a" or "r" ? folder[a] : a == "ROWS" ? Support("train") : a)]);
        Assert.Equal(code, run.ExitCode);
        Assert.Contains(named, run.Error);
        Assert.False(Directory.Exists(folder["a"]));
    }
}
