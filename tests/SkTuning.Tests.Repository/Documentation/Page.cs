using System.Text.RegularExpressions;

namespace SkTuning.Tests.Documentation;

/// <summary>A C# block of a page.</summary>
/// <param name="Page">The page, relative to the repository.</param>
/// <param name="Number">The number of the block among the C# blocks of the page, from 1.</param>
/// <param name="Line">The line of the page before the first line of the code.</param>
/// <param name="Code">The code.</param>
internal sealed record Snippet(string Page, int Number, int Line, string Code);

/// <summary>The pages of the documentation: README.md, docs/*.md and the pages of the packages, src/*/README.md.</summary>
internal static partial class Page
{
    /// <summary>The names of all pages, relative to the repository.</summary>
    public static IEnumerable<string> Names
        => Directory.GetFiles(Path.Combine(Fixtures.Repository, "docs"), "*.md").Select(f => $"docs/{Path.GetFileName(f)}")
            .Order(StringComparer.Ordinal).Prepend("README.md")
            .Concat(Directory.GetDirectories(Path.Combine(Fixtures.Repository, "src")).Select(f => $"src/{Path.GetFileName(f)}/README.md")
                .Where(f => File.Exists(Path.Combine(Fixtures.Repository, f))).Order(StringComparer.Ordinal));

    public static string Read(string name) => File.ReadAllText(Path.Combine(Fixtures.Repository, name)).ReplaceLineEndings("\n");

    /// <summary>The blocks with the info string <c>csharp</c>.</summary>
    public static IReadOnlyList<Snippet> Snippets(string name)
    {
        var text = Read(name);
        return [.. CSharpBlock().Matches(text).Select(m => m.Groups["code"])
            .Select((code, i) => new Snippet(name, i + 1, text[..code.Index].Count(c => c == '\n'), code.Value))];
    }

    /// <summary>The first lines of blocks of C# with another info string or an indentation, which <see cref="Snippets"/> does not find.</summary>
    public static IReadOnlyList<string> OtherCSharp(string name)
        => [.. OtherFence().Matches(Read(name)).Select(m => m.Value).Where(fence => fence != "```csharp")];

    /// <summary>The text between backticks, in its blocks of C# and in its lines.</summary>
    public static string Code(string name)
    {
        var prose = AnyBlock().Replace(Read(name), "");
        return string.Join('\n', [.. Snippets(name).Select(s => s.Code), .. InlineCode().Matches(prose).Select(m => m.Groups["code"].Value)]);
    }

    [GeneratedRegex(@"^```csharp\n(?<code>.*?)^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"^[ \t]*(```|~~~)[ \t]*(c#|cs\b|csx\b|csharp).*$", RegexOptions.Multiline | RegexOptions.IgnoreCase)]
    private static partial Regex OtherFence();

    [GeneratedRegex(@"^```.*?^```$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex AnyBlock();

    [GeneratedRegex("`(?<code>[^`\n]+)`")]
    private static partial Regex InlineCode();
}
