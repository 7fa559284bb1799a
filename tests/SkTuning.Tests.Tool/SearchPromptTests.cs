namespace SkTuning.Tests.Tool;

/// <summary>The option --search-prompt.</summary>
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
    public void What_cannot_be_searched_is_a_usage_error(string named, params string[] arguments)
    {
        var run = ToolRun.Of(["train", "--train", Rows, "--out", "o", .. arguments]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(named, run.Error);
    }

    [Fact]
    public void A_method_that_reads_no_prompt_is_refused()
    {
        var run = ToolRun.Of("train", "--train", Rows, "--limit", "24", "--method", "lora", "--prompt", "Topic:", "--search-prompt", "2", "--out", "o");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("lora reads no prompt", run.Error);
    }
}
