namespace SkTuning.Tests.Architecture;

/// <summary>The list of faults that no test can find.</summary>
public sealed class EquivalentMutantsTests
{
    [Fact]
    public void Every_entry_is_of_code_that_exists()
    {
        var path = Path.Combine(Fixtures.Repository, "tests", "SkTuning.Mutants", "equivalents.txt");
        var entries = File.ReadAllText(path).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(e => e.Split('\n')).ToList();
        Assert.NotEmpty(entries);
        foreach (var entry in entries)
        {
            Assert.True(entry.Length >= 4 && entry[1].StartsWith("- ", StringComparison.Ordinal) && entry[2].StartsWith("+ ", StringComparison.Ordinal),
                $"{entry[0]}: an entry is the file, '- ' and the line, '+ ' and the line with the fault, and the reason");
            var words = File.ReadAllText(Path.Combine(Fixtures.Repository, entry[0])).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            var code = string.Join(' ', words);
            Assert.True(code.Contains(entry[1][2..], StringComparison.Ordinal), $"{entry[0]} has no {entry[1][2..]}");
        }
    }
}
