using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;

namespace SkTuning.Tests.Architecture;

/// <summary>
/// Documentation, messages and pages are plain English: turns of phrase that were translated word by word stay out. Each pattern says what to write instead;
/// <see cref="Allowed"/> lists the turns that are English after all.
/// </summary>
public sealed partial class PlainEnglishTests
{
    /// <summary>What is not written, and what is written instead.</summary>
    private static readonly (string Pattern, string Instead)[] Calques =
    [
        (@"\bbehind\b", "after, following"),
        (@"\b(stands?|stood|standing)\b", "is, is located, appears"),
        (@"\b(told|tells?|telling)\b", "reported, reports, indicates"),
        (@"\blet(s|ting)? (\w+ )?go\b", "releases"),
        (@"\b(go(es|ing)?|went|gone) on\b", "continues, resumes"),
        (@"\bso (many|much|often)\b(?! (as|that))", "this many, N"),
        (@"\bno number\b", "NaN, not a number"),
        (@"\bshall\b", "must, should, is to be"),
        (@"\bbecomes? of\b", "how ... is handled"),
        (@"\b(is|are) none that\b", "is not one that, cannot"),
        (@"\breckon(s|ed|ing)?\b", "estimated, computed"),
        (@"\bcannot be had\b", "cannot be downloaded, does not exist"),
        (@"\b(fewest|the most) (tokens|rows|steps|windows|bytes|epochs|labels|threads|files|texts|characters|lines)\b", "the minimum or maximum number of"),
        (@"\bbrings? along\b", "includes"),
        (@"\bwhat becomes\b", "how ... is handled"),
        (@"\bpassed over\b", "ignored, skipped"),
        (@"\banew\b", "again, from scratch"),
        (@"\bbut for\b", "except"),
        (@"\bis there twice\b", "occurs twice"),
        (@"\bwhat is (?!new\b)(\w+ ){0,3}of\b", "a noun"),
        (@"\bof the like\b|\band the like\b", "and similar ones"),
        (@"\bwhatever it is\b", "of any kind"),
    ];

    private static readonly Regex Pattern = new(string.Join('|', Calques.Select(c => $"({c.Pattern})")),
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    /// <summary>Phrases that are English, and quotations: the rest of the line is still searched.</summary>
    private static readonly Regex Allowed = new(@"\bstands? for\b|\bbehind a (proxy|firewall)\b|""[^""]*""|`[^`]*`|<c>[^<]*</c>|\{[^{}]*\}|“[^”]*”",
        RegexOptions.CultureInvariant);

    [Fact]
    public void Documentation_comments_are_plain_English()
        => Check(SourceText.Below(["src"], "*.cs")
            .SelectMany(f => Lines(f).Where(l => l.Text.StartsWith("///", StringComparison.Ordinal)).Select(l => (f, l.Line, l.Text))));

    [Fact]
    public void Messages_are_plain_English() => Check(SourceText.Below(["src"], "*.cs").SelectMany(Messages));

    [Fact]
    public void Pages_are_plain_English() => Check(SourceText.Pages().SelectMany(f =>
    {
        var isCode = false;
        return Lines(f).Where(l =>
        {
            if (!l.Text.StartsWith("```", StringComparison.Ordinal)) return !isCode;
            isCode = !isCode;
            return false;
        }).Select(l => (f, l.Line, l.Text)).ToList();
    }));

    [Theory]
    [InlineData("Told after every step.", "Told")]
    [InlineData("What stands for the text", null)]
    [InlineData("Texts behind a proxy, behind the prompt", "behind")]
    [InlineData("It is `behind` and \"tells\".", null)]
    public void The_list_finds_what_it_should(string text, string? found) => Assert.Equal(found, Find(text));

    private static string? Find(string text) => Pattern.Match(Allowed.Replace(text, "")) is { Success: true } match ? match.Value : null;

    private static IEnumerable<(int Line, string Text)> Lines(string file) => File.ReadLines(file).Index().Select(l => (l.Index + 1, l.Item.Trim()));

    /// <summary>The string literals of a file that read as sentences: those with a space.</summary>
    private static IEnumerable<(string File, int Line, string Text)> Messages(string file)
        => CSharpSyntaxTree.ParseText(File.ReadAllText(file)).GetRoot().DescendantTokens()
            .Where(t => t.Kind() is SyntaxKind.StringLiteralToken or SyntaxKind.InterpolatedStringTextToken
                or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken)
            .Where(t => t.Text.Contains(' '))
            .Select(t => (file, t.GetLocation().GetLineSpan().StartLinePosition.Line + 1, t.Text.Trim('"')));

    private static void Check(IEnumerable<(string File, int Line, string Text)> lines)
    {
        var wrong = lines.Select(l => (l.File, l.Line, l.Text, Found: Find(l.Text))).Where(l => l.Found is not null).ToList();
        Assert.True(wrong.Count == 0, $"{wrong.Count} lines\n"
            + string.Join('\n', wrong.Select(w => $"{SourceText.Name(w.File)}:{w.Line}: '{w.Found}' ({Instead(w.Found!)}): {w.Text}")));
    }

    private static string Instead(string found)
        => Calques.First(c => Regex.IsMatch(found, c.Pattern, RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)).Instead;
}
