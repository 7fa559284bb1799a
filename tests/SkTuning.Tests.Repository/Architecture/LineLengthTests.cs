namespace SkTuning.Tests.Architecture;

/// <summary>Lines of C# have at most 160 columns, as .editorconfig says.</summary>
public sealed class LineLengthTests
{
    private const int MaxColumns = 160;

    [Fact]
    public void No_line_of_code_exceeds_160_columns()
    {
        var wrong = SourceText.CSharp().SelectMany(f => File.ReadLines(f).Index().Where(l => l.Item.Length > MaxColumns)
            .Select(l => $"{SourceText.Name(f)}:{l.Index + 1}: {l.Item.Length} columns")).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} lines\n{string.Join('\n', wrong)}");
    }
}
