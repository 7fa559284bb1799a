using System.CommandLine;
using SkTuning.Tool;
using SkTuning.Tool.Hosting;
using SkTuning.Tool.Output;

namespace SkTuning.Tests.Tool;

/// <summary>The help of every command: options in groups, the required ones first.</summary>
public sealed class HelpTests
{
    [Fact]
    public void Every_option_of_every_command_is_in_a_group()
        => Assert.All(All().SelectMany(c => c.Options), o => Assert.True(HelpGroups.Has(o.Name), $"{o.Name}: add it to {nameof(HelpGroups)}."));

    [Fact]
    public void Every_option_in_a_group_is_an_option_of_a_command()
    {
        var names = All().SelectMany(c => c.Options).Select(o => o.Name).ToHashSet();
        Assert.All(HelpGroups.All.SelectMany(g => g.Options), o => Assert.Contains(o.Name, names));
    }

    [Fact]
    public void Help_shows_everyday_options_and_the_complete_help_shows_all()
    {
        var train = All().Single(c => c.Name == "train");
        var (everyday, complete) = (HelpPage.Of(train, isComplete: false, 120), HelpPage.Of(train, isComplete: true, 120));
        Assert.Contains("\n  --train FILE...", everyday);
        Assert.DoesNotContain("--random-base", everyday);
        Assert.All(train.Options, o => Assert.Contains($"\n  {o.Name}", complete));
        var hidden = train.Options.Count(o => !everyday.Contains($"\n  {o.Name}", StringComparison.Ordinal));
        Assert.Contains($"\n{hidden} more options: sktuning train --help-all\n", everyday);
        Assert.DoesNotContain("--help-all", complete);
        Assert.Contains("  sktuning train --train FILE... --out FOLDER [options]\n", everyday);
        string[] groups = ["\nData:\n", "\nModel:\n", "\nMethod:\n", "\nTraining:\n", "\nOutput:\n"];
        Assert.Equal(groups.OrderBy(g => everyday.IndexOf(g, StringComparison.Ordinal)), groups);
        Assert.All(groups, g => Assert.Contains(g, everyday));
    }

    [Fact]
    public void Required_options_are_first()
    {
        var merge = HelpPage.Of(All().Single(c => c.Name == "merge"), isComplete: false, 120);
        var required = merge[merge.IndexOf("\nRequired:\n", StringComparison.Ordinal)..merge.IndexOf("\nModel:\n", StringComparison.Ordinal)];
        Assert.Contains("--adapter FOLDER", required);
        Assert.Contains("--out FOLDER", required);
        Assert.DoesNotContain("--json", required);
        Assert.Contains("sktuning adapter merge --adapter FOLDER --out FOLDER [options]", merge);
        Assert.Contains("sktuning evaluate --data FILE --adapter FOLDER [options]",
            HelpPage.Of(All().Single(c => c.Name == "evaluate"), isComplete: false, 120));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(80)]
    [InlineData(500)]
    public void No_line_of_help_is_wider_than_the_screen(int width)
        => Assert.All(All(), c => Assert.All(HelpPage.Of(c, isComplete: true, width).Split('\n'),
            // Examples and usage are for copying, and a long name of a value is not broken.
            line => Assert.True(line.Length < Math.Min(width, 121) || line.Contains("sktuning", StringComparison.Ordinal) || line.StartsWith("  --"), line)));

    [Fact]
    public void Commands_are_listed_with_the_first_line_of_their_description()
    {
        var help = HelpPage.Of(All().First(), isComplete: false, 120);
        Assert.Contains("\n  predict <text>   Predict a text, a file of texts, or standard input line by line.\n", help);
        Assert.DoesNotContain("Examples", help);
        Assert.Contains("\nOptions:\n  -h, --help  ", help);
    }

    [Theory]
    [InlineData("train", "--help")]
    [InlineData("train", "--help-all")]
    [InlineData("train", "--train", "x.tsv", "--promt", "x", "--help")]
    [InlineData("adapter", "--help")]
    [InlineData("--help")]
    public void Help_is_shown_whatever_else_is_on_the_line(params string[] line)
    {
        var run = ToolRun.Of(line);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("\nUsage:\n", run.Output.ReplaceLineEndings("\n"));
        Assert.Empty(run.Error);
    }

    private static List<Command> All()
    {
        using var interruption = new Interruption();
        return [.. Of(Program.Root(interruption))];

        static IEnumerable<Command> Of(Command command) => command.Subcommands.SelectMany(Of).Prepend(command);
    }
}
