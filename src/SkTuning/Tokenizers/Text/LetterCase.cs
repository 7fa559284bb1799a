using System.Text;

namespace SkTuning.Tokenizers.Text;

/// <summary>Lower case by Unicode, one character at a time, without a language.</summary>
internal static class LetterCase
{
    /// <summary>The only letter whose lower case is two characters: i and <see cref="DotAbove"/>.</summary>
    public const int DottedI = 0x130;
    public const int DotAbove = 0x307;

    /// <summary>The lower case of a code point, or its first character.</summary>
    public static int Lower(int c)
    {
        if (c < 0x80) return c is >= 'A' and <= 'Z' ? c + 32 : c;
        return c switch
        {
            DottedI => 'i',
            >= 0xD800 and <= 0xDFFF => c,
            // Newer than the tables of .NET 10.
            0xA7CE or 0xA7D2 or 0xA7D4 => c + 1,
            >= 0x16EA0 and <= 0x16EB8 => c + 27,
            _ => Rune.ToLowerInvariant(new Rune(c)).Value,
        };
    }

    /// <summary>What two letters that differ in case only have in common.</summary>
    public static int Fold(int c) => c is >= 0xD800 and <= 0xDFFF ? c : Lower(Rune.ToUpperInvariant(new Rune(c)).Value);
}
