using System.Globalization;
using System.Text;

namespace SkTuning.Data;

/// <summary>
/// Splits a raw text into words for token classification: runs of letters, digits, and marks. Every other visible character is its own word. This includes an
/// apostrophe, a hyphen, or a point between letters or digits, so that an entity can end there.
/// </summary>
internal static class WordCuts
{
    /// <summary>Returns the ranges of the words in a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="boundaries">Further indices at which a word must end, such as the ends of labeled spans.</param>
    public static IReadOnlyList<TextSpan> Of(string text, IEnumerable<int> boundaries)
    {
        var cuts = boundaries.ToHashSet();
        var words = new List<TextSpan>();
        var start = -1;
        for (int at = 0, length; at < text.Length; at += length)
        {
            var valid = Rune.TryGetRuneAt(text, at, out var rune);   // an unpaired surrogate is its own word
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

    private static bool IsWord(Rune rune) => Rune.IsLetterOrDigit(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark
        or UnicodeCategory.ConnectorPunctuation or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber;
}
