using System.Text.RegularExpressions;
using SkTuning.Models.Families;

namespace SkTuning.Tests.Models;

/// <summary>Everything that is particular to a family is in its own file: no other code asks for a family by name.</summary>
public sealed partial class FamilyNameTests
{
    private static readonly string Sources = Path.Combine(Fixtures.Repository, "src", "SkTuning");

    [Fact]
    public void No_code_outside_a_family_names_one()
    {
        string[] found = [.. Directory.EnumerateFiles(Sources, "*.cs", SearchOption.AllDirectories)
            .Where(file => !IsBelow(file, "obj") && !IsBelow(file, "bin") && !IsBelow(file, Path.Combine("Models", "Families")))
            .Order(StringComparer.Ordinal).SelectMany(file => Named(file, File.ReadAllText(file)))];
        Assert.Empty(found);
    }

    [Fact]
    public void Literals_are_found_with_their_line_and_comments_are_ignored()
        => Assert.Equal(["a.cs:3: \"bert\"", "a.cs:4: \"llama\""],
            Named("a.cs", "// \"gpt2\"\nvar a = '\"';\nif (x is \"bert\") // \"bloom\"\n    y = $\"{z}\" + @\"llama\" + \"a llama\";"));

    private static bool IsBelow(string file, string folder)
        => file.StartsWith(Path.Combine(Sources, folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal);

    private static IEnumerable<string> Named(string file, string code)
    {
        var names = ModelFamily.Supported.ToHashSet(StringComparer.Ordinal);
        var path = Path.GetRelativePath(Fixtures.Repository, Path.GetFullPath(file, Fixtures.Repository));
        return Literal().Matches(code).Where(m => names.Contains(m.Groups["text"].Value))
            .Select(m => $"{path}:{code.AsSpan(0, m.Index).Count('\n') + 1}: \"{m.Groups["text"].Value}\"");
    }

    /// <summary>A character, a string or a comment. The one that starts first hides the others.</summary>
    [GeneratedRegex("""
        '(?:[^'\\\n]|\\[^'\n]+|\\')'|"{3,}.*?"{3,}|@"(?<text>(?:[^"]|"")*)"|"(?<text>(?:[^"\\\n]|\\.)*)"|/\*.*?\*/|//[^\n]*
        """, RegexOptions.Singleline | RegexOptions.ExplicitCapture)]
    private static partial Regex Literal();
}
