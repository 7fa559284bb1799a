using System.Text;
using System.Text.RegularExpressions;

namespace SkTuning.Baselines;

/// <summary>
/// A text as words between single spaces, for ML.NET splits at spaces only and would take "card?" for a word. Where a script writes no spaces each character
/// is a word, and pairs of words are what carries the meaning.
/// </summary>
internal static partial class Words
{
    public static string Of(Row row) => row.Text2 is null ? Of(row.Text, "") : $"{Of(row.Text, "")} {Of(row.Text2, "\u241E")}".Trim();

    private static string Of(string text, string mark)
    {
        var words = new StringBuilder();
        foreach (var match in Pattern().EnumerateMatches(text)) words.Append(words.Length > 0 ? " " : "").Append(mark).Append(text.AsSpan(match.Index, match.Length));
        return words.ToString();
    }

    // A word; a pair of surrogates (an emoji); one character of any other kind, the letters of Chinese and Japanese among them.
    [GeneratedRegex(@"[\w-[\p{IsCJKUnifiedIdeographs}\p{IsHiragana}\p{IsKatakana}]]+|[\uD800-\uDBFF][\uDC00-\uDFFF]|\S")]
    private static partial Regex Pattern();
}
