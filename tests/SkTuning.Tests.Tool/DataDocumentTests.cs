using System.Text.RegularExpressions;

namespace SkTuning.Tests.Tool;

/// <summary>Runs every command in docs/data.md, in order, on the files shown there.</summary>
public sealed partial class DataDocumentTests
{
    [Fact]
    public void Every_command_of_the_document_works_on_the_files_it_shows()
    {
        using var folder = new TemporaryFolder();
        var document = File.ReadAllText(Path.Combine(Fixtures.Repository, "docs", "data.md")).ReplaceLineEndings("\n");
        foreach (Match file in ShownFile().Matches(document)) File.WriteAllText(folder[file.Groups["name"].Value], file.Groups["content"].Value);
        var commands = Commands().Matches(document).SelectMany(m => m.Groups["lines"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)).ToList();
        Assert.True(commands.Count >= 10, $"{commands.Count} commands");
        foreach (var command in commands)
        {
            var words = Word().Matches(command).Select(m => m.Value.Trim('"')).ToList();
            Assert.Equal("sktuning", words[0]);
            var run = ToolRun.Of([.. words.Skip(1).Select(Located)]);
            Assert.True(run.ExitCode == 0, $"{command}\n{run.Error}{run.Output}");
        }
        Assert.True(File.Exists(folder["broken.tsv.bad.jsonl"]));

        string Located(string word) => word.StartsWith("assets/") ? Path.Combine(Fixtures.Repository, word)
            : word == "tickets-adapter" || File.Exists(folder[word]) ? folder[word]
            : word;
    }

    [GeneratedRegex(@"\*\*`(?<name>[\w.]+)`\*\*\n```\w+\n(?<content>.*?)```", RegexOptions.Singleline)]
    private static partial Regex ShownFile();

    [GeneratedRegex(@"```sh\n(?<lines>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Commands();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Word();
}
