using System.Text;
using System.Text.RegularExpressions;

namespace SkTuning.Baselines;

/// <summary>
/// Splits a text into words separated by single spaces, because ML.NET splits only at spaces and would treat "card?" as a word. In scripts without spaces,
/// each character is a word, and the meaning is carried by pairs of words.
/// </summary>
internal static partial class Words
{
    public static string Of(Row row)
        => row.Text2 is null ? Of(row.Text, "") : $"{Of(row.Text, "")} {Of(row.Text2, "\u241E")}".Trim();

    private static string Of(string text, string mark)
    {
        var words = new StringBuilder();
        foreach (var match in Pattern().EnumerateMatches(text))
            words.Append(words.Length > 0 ? " " : "").Append(mark).Append(text.AsSpan(match.Index, match.Length));
        return words.ToString();
    }

    // A word, a surrogate pair (an emoji), or a single other character, including Chinese and Japanese ones.
    [GeneratedRegex(@"[\w-[\p{IsCJKUnifiedIdeographs}\p{IsHiragana}\p{IsKatakana}]]+|[\uD800-\uDBFF][\uDC00-\uDFFF]|\S")]
    private static partial Regex Pattern();
}
