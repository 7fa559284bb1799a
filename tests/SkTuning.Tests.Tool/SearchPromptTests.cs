using System.Text.Json.Nodes;

namespace SkTuning.Tests.Tool;

/// <summary>The options --search-prompt and --search-labels.</summary>
public sealed class SearchPromptTests
{
    private static readonly string Rows = Path.Combine(Fixtures.Repository, "assets", "data", "support", "train.tsv");

    [Fact]
    public void A_search_says_what_it_found_before_training()
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of("train", "--train", Rows, "--limit", "48", "--method", "sk-prefix", "--prompt", "Classify the topic:", "--search-prompt", "2",
            "--epochs", "1", "--folds", "0", "--out", folder["a"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(run.Messages, m => m.Contains("3 prompts tried on 48 rows", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("requires '--prompt'", "--method", "sk-prefix", "--search-prompt", "4")]
    [InlineData("--search-prompt", "--method", "sk-prefix", "--prompt", "p", "--search-prompt", "0")]
    [InlineData("'--start-from'", "--prompt", "p", "--search-prompt", "4", "--start-from", "x")]
    [InlineData("'--start-from'", "--search-labels", "4", "--start-from", "x")]
    [InlineData("--search-labels", "--search-labels", "0")]
    public void What_cannot_be_searched_is_a_usage_error(string named, params string[] arguments)
    {
        var run = ToolRun.Of(["train", "--train", Rows, "--out", "o", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(named, run.Error);
    }

    [Fact]
    public void A_search_for_label_texts_is_a_part_of_the_result()
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of("train", "--train", Rows, "--limit", "48", "--method", "probe", "--search-labels", "3", "--folds", "0", "--json", "--out",
            folder["a"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(run.Messages, m => m.Contains("4 sets of label texts tried on ", StringComparison.Ordinal));
        var search = JsonNode.Parse(run.Output)!["labelSearch"]!;
        Assert.Equal(4, (int)search["tried"]!);
        Assert.Equal(["returns"], search["written"]!["texts"]!["returns"]!.AsArray().Select(t => (string?)t));
        Assert.True((double)search["best"]!["margin"]! >= (double)search["written"]!["margin"]!);
    }

    [Fact]
    public void With_zero_shot_demonstrations_and_words_are_searched_too()
    {
        using var folder = new TemporaryFolder();
        var run = ToolRun.Of("train", "--train", Rows, "--limit", "24", "--method", "zero-shot", "--set", "demonstrations=1", "--template", "{text} Topic:",
            "--prompt", "Classify the topic:", "--search-prompt", "2", "--json", "--out", folder["a"]);
        Assert.True(run.ExitCode == 0, run.Error);
        var search = JsonNode.Parse(run.Output)!["promptSearch"]!;
        Assert.Equal((3, 12), ((int)search["tried"]!, (int)search["rows"]!));
        Assert.StartsWith("Classify the topic:\n\n", (string)search["written"]!["prompt"]!);
        Assert.Equal("returns", (string?)search["written"]!["labelWords"]!["returns"]);
        Assert.Contains("3 in-context prompts tried on 12 rows", run.Error);
    }

    [Fact]
    public void A_search_without_rows_is_a_usage_error()
    {
        var run = ToolRun.Of("train", "--describe", "a=x", "--describe", "b=y", "--search-labels", "4", "--out", "o");
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("'--search-labels' requires '--train'", run.Error);
    }

    [Fact]
    public void A_method_that_reads_no_prompt_is_refused()
    {
        var run = ToolRun.Of("train", "--train", Rows, "--limit", "24", "--method", "lora", "--prompt", "Topic:", "--search-prompt", "2", "--out", "o");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("lora reads no prompt", run.Error);
    }
}
