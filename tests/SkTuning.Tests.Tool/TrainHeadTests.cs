using System.Text.Json.Nodes;

namespace SkTuning.Tests.Tool;

/// <summary>Heads, label words, descriptions and zero-shot on the command line.</summary>
public sealed class TrainHeadTests
{
    private static string Rows => Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv");

    [Fact]
    public void Zero_shot_saves_an_adapter_without_parameters_that_predicts()
    {
        using var folder = new TemporaryFolder();
        var trained = ToolRun.Of("train", "--train", Rows, "--limit", "64", "--method", "zero-shot", "--template", "{text} The message is about",
            "--out", folder["a"], "--json");
        Assert.True(trained.ExitCode == 0, trained.Error);
        var json = JsonNode.Parse(trained.Output)!;
        Assert.Equal((0, 0), ((int)json["parameters"]!, (int)json["steps"]!));
        Assert.Equal("likelihood", (string?)Definition(folder["a"])["head"]);
        Assert.Equal(0, ToolRun.Of("predict", "--adapter", folder["a"], "where is my parcel?").ExitCode);
    }

    [Fact]
    public void Weights_of_labels_of_any_length_are_read()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["rows.tsv"], "text\tlabel\n"
            + string.Concat(Enumerable.Range(0, 12).Select(i => $"thing {i}\t{(i % 2 == 0 ? "a" : "b=c")}\n")));
        string[] common = ["train", "--train", folder["rows.tsv"], "--method", "probe", "--folds", "0", "--class-weight"];
        var trained = ToolRun.Of([.. common, "a=3", "--class-weight", "b=c=0.5", "--out", folder["a"]]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        Assert.Contains("--class-weight =3: expected label=number", ToolRun.Of([.. common, "=3", "--out", folder["b"]]).Error);
    }

    [Fact]
    public void Words_and_descriptions_are_read_from_the_command_line_and_from_a_file()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["rows.tsv"], "text\tlabel\n" +
            string.Concat(Enumerable.Range(0, 12).Select(i => $"{(i % 2 == 0 ? "good" : "bad")} thing {i}\t{(i % 2 == 0 ? "pos" : "neg")}\n")));
        File.WriteAllText(folder["said.txt"], "pos=what was liked = praise\n\nneg=what was not liked\n");
        string[] common =
        [
            "train", "--train", folder["rows.tsv"], "--prompt", "How was it?", "--template", "{text}\nIt was", "--epochs", "1",
            "--head", "likelihood", "--label-word", "pos=good", "--label-word", "neg=bad",
        ];
        var trained = ToolRun.Of([.. common, "--describe", folder["said.txt"], "--out", folder["a"]]);
        Assert.True(trained.ExitCode == 0, trained.Error);
        var definition = Definition(folder["a"]);
        Assert.Equal(["bad", "good"], definition["labelWords"]!.AsArray().Select(w => (string)w!));
        Assert.Equal(["what was not liked", "what was liked = praise"], definition["labelDescriptions"]!.AsArray().Select(w => (string)w!));
        Failed("nowhere.txt", [.. common, "--describe", folder["nowhere.txt"], "--out", folder["b"]]);
        Failed("has no description of 'neg'", [.. common, "--describe", "pos=a", "--out", folder["b"]]);
        Failed("label=word", [.. common, "--label-word", "nothing", "--out", folder["b"]]);
        Assert.False(Directory.Exists(folder["b"]));

        static void Failed(string named, string[] arguments)
        {
            var run = ToolRun.Of(arguments);
            Assert.True(run.ExitCode == 1, $"{named}: exit code {run.ExitCode}, {run.Error}");
            Assert.Contains(named, run.Error);
        }
    }

    [Theory]
    [InlineData("{\"pos\":\"a\",\"pos\":\"b\"}", "'pos' is specified twice")]
    [InlineData("{\"pos\":\"a\",\"neg\":[\"b\",3]}", "'neg' is 3, expected a text or a list of texts")]
    [InlineData("{\"pos\":\"a\",\"neg\":\"\\uD800\"}", "found text that is not valid JSON")]
    [InlineData("{\"pos\":\"a\",\"neg\":[\"b\",\"\"]}", "'neg' is an empty description of 'neg'")]
    [InlineData("{\"pos\":\"a\",\"neg\":\"b\",\"other\":\"c\"}", "'other' is a description of 'other'")]
    [InlineData("pos=a\nneg\n", "'line 2' is \"neg\", expected label=description")]
    [InlineData("pos=a\n =b\n", "'line 2' is \" =b\", expected label=description")]
    [InlineData("pos=a\nneg=b\nother=c\n", "'line 3' is a description of 'other', expected one of the labels: neg, pos")]
    [InlineData("pos=a\nneg= \n", "'line 2' is an empty description of 'neg'")]
    [InlineData("pos=a\n", "found no description of 'neg'")]
    public void A_description_in_a_file_is_refused_by_the_file_and_the_line(string text, string message)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["rows.tsv"], "text\tlabel\n" +
            string.Concat(Enumerable.Range(0, 12).Select(i => $"thing {i}\t{(i % 2 == 0 ? "pos" : "neg")}\n")));
        File.WriteAllText(folder["said.txt"], text);
        var run = ToolRun.Of("train", "--model", Fixtures.MicroModel, "--train", folder["rows.tsv"], "--prompt", "p", "--describe", folder["said.txt"],
            "--head", "linear", "--out", folder["a"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains($"{folder["said.txt"]}: {message}", run.Error);
    }

    [Theory]
    [InlineData("--head", "likelihood", "cannot be used for the task multi-label")]
    [InlineData("--label-word", "a=b", "the head semantic scores no words")]
    public void Options_that_other_tasks_and_heads_cannot_use_are_refused(string option, string value, string message)
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of("train", "--train", Rows, "--task", "multi-label", "--prompt", "p", "--out", folder["o"], option, value);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(message, run.Error);
        Assert.False(Directory.Exists(folder["o"]));
    }

    private static JsonNode Definition(string folder) => JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "adapter.json")))!;
}
