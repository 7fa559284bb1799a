using System.Globalization;
using System.Text;

namespace SkTuning.Data;

/// <summary>
/// A raw text as words, for token classification: runs of letters, digits and marks; every other visible character is a word of its own. An apostrophe, a hyphen or a
/// point between letters or digits is cut off too, so that an entity may end there.
/// </summary>
public static class WordCuts
{
    /// <summary>Where the words of a text stand.</summary>
    /// <param name="text">The text.</param>
    /// <param name="also">Places where a word has to end, such as the ends of labelled spans.</param>
    public static IReadOnlyList<TextSpan> Of(string text, IEnumerable<int> also)
    {
        var cuts = also.ToHashSet();
        var words = new List<TextSpan>();
        var start = -1;
        for (int at = 0, length; at < text.Length; at += length)
        {
            var valid = Rune.TryGetRuneAt(text, at, out var rune);   // half a surrogate pair stands for itself
            length = valid ? rune.Utf16SequenceLength : 1;
            var joins = valid && IsWord(rune);
            if (start >= 0 && (!joins || cuts.Contains(at))) End(at);
            if (joins && start < 0) start = at;
            else if (!joins && !(valid && Rune.IsWhiteSpace(rune))) words.Add(new(at, at + length));
        }
        if (start >= 0) End(text.Length);
        return words;

        void End(int at)
        {
            words.Add(new(start, at));
            start = -1;
        }
    }

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark
        or UnicodeCategory.EnclosingMark or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
