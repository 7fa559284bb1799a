using System.Text.Json.Nodes;

namespace SkTuning.Tests.Tool;

public sealed class TrainFilesTests
{
    private const string Labels = "text\tlabel\n";

    [Fact]
    public void Rows_of_several_files_and_formats_are_trained_on_together()
    {
        using var folder = Folder();
        var run = Train(folder, "--train", folder["rows.tsv"], folder["corrections.jsonl"]);
        Assert.Equal(0, run.ExitCode);
        var result = JsonNode.Parse(run.Output)!;
        Assert.Equal(5, (int)result["trainRows"]!);
        Assert.Equal(["bill", "box", "card"], result["labels"]!.AsArray().Select(l => (string)l!).Order());
        var repeated = Train(folder, "--train", folder["rows.tsv"], "--train", folder["corrections.jsonl"]);
        Assert.Equal(5, (int)JsonNode.Parse(repeated.Output)!["trainRows"]!);
    }

    [Fact]
    public void A_limit_is_that_of_each_file()
    {
        using var folder = Folder();
        var run = Train(folder, "--limit", "2", "--train", folder["rows.tsv"], folder["corrections.jsonl"]);
        Assert.Equal(3, (int)JsonNode.Parse(run.Output)!["trainRows"]!);
    }

    [Fact]
    public void An_error_in_the_second_file_names_it()
    {
        using var folder = Folder();
        File.AppendAllText(folder["corrections.jsonl"], "{\"text\":\"my ca");
        var run = Train(folder, "--train", folder["rows.tsv"], folder["corrections.jsonl"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("corrections.jsonl", run.Error, StringComparison.Ordinal);
        Assert.Contains("line 2", run.Error, StringComparison.Ordinal);
    }

    private static TemporaryFolder Folder()
    {
        var folder = new TemporaryFolder();
        File.WriteAllText(folder["rows.tsv"], Labels + "my card\tcard\nmy bill\tbill\nmy card here\tcard\nmy bill late\tbill\n");
        File.WriteAllText(folder["dev.tsv"], Labels + "my card\tcard\nmy bill\tbill\n");
        File.WriteAllText(folder["corrections.jsonl"], """{"text":"my box","label":"box","predicted":"card","version":1}""" + "\n");
        return folder;
    }

    private static ToolRun Train(TemporaryFolder folder, params string[] options)
        => ToolRun.Of(["train", "--model", Fixtures.MicroModel, "--dev", folder["dev.tsv"], "--prompt", "is it my box", "--method", "probe", "--epochs", "1",
            "--out", folder["a"], "--json", .. options]);
}
