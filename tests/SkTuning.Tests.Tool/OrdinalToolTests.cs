using System.Text.Json.Nodes;
using SkTuning.Tests.Classifiers;

namespace SkTuning.Tests.Tool;

/// <summary>The task ordinal on the command line.</summary>
public sealed class OrdinalToolTests
{
    [Fact]
    public void Levels_are_trained_predicted_and_evaluated()
    {
        using var folder = new TemporaryFolder();
        static string Word(string label) => label is "1" or "2" ? "bad" : label == "3" ? "fair" : "good";
        File.WriteAllLines(folder["rows.tsv"], ["text\tlabel", .. LeveledReviews.Of(25, 1).Select(r => $"{r.Text}\t{Word(r.Label)}")]);
        string[] train = ["train", "--task", "ordinal", "--method", "probe", "--folds", "0", "--train", folder["rows.tsv"], "--out", folder["a"]];
        var trained = ToolRun.Of([.. train, "--levels", "bad", "fair", "good"]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Contains("Levels, lowest first, as given: bad < fair < good.", trained.Output);

        var predicted = JsonNode.Parse(ToolRun.Of("predict", "--adapter", folder["a"], "--json", "great room, lovely breakfast").Output)!;
        Assert.Equal(["bad", "fair", "good"], predicted["scores"]!.AsObject().Select(s => s.Key));
        Assert.InRange(predicted["expectedLevel"]!.GetValue<double>(), 1, 3);
        var evaluated = ToolRun.Of("evaluate", "--adapter", folder["a"], "--data", folder["rows.tsv"], "--json");
        Assert.True(evaluated.ExitCode == 0, evaluated.Error);
        Assert.InRange(JsonNode.Parse(evaluated.Output)!["meanAbsoluteError"]!.GetValue<double>(), 0, 0.8);
    }

    [Fact]
    public void Levels_of_another_task_and_an_ambiguous_order_are_refused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllLines(folder["rows.tsv"], ["text\tlabel", "a\t1", "b\t2", "c\tn/a"]);
        string[] train = ["train", "--method", "probe", "--train", folder["rows.tsv"], "--out", folder["a"]];
        Assert.Contains("Option '--levels' requires '--task ordinal'.", ToolRun.Of([.. train, "--levels", "1", "2"]).Error);
        Assert.Contains("'1' is a number, and 'n/a' is not", ToolRun.Of([.. train, "--task", "ordinal"]).Error);
    }
}
