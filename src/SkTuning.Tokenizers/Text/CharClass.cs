using System.Globalization;
using System.Runtime.CompilerServices;

namespace SkTuning.Tokenizers.Text;

/// <summary>The properties of a code point that the scanners distinguish.</summary>
[Flags]
internal enum CharClass : byte
{
    None = 0,
    /// <summary>General category L*.</summary>
    Letter = 1,
    /// <summary>General category N*.</summary>
    Number = 2,
    /// <summary>The property White_Space.</summary>
    Space = 4,
    /// <summary>Carriage return or line feed.</summary>
    Line = 8,
    /// <summary>General category M*.</summary>
    Mark = 16,
    /// <summary>Lu or Lt.</summary>
    Upper = 32,
    /// <summary>Ll.</summary>
    Lower = 64,
    /// <summary>General category P* or S*.</summary>
    Symbol = 128,
}

/// <summary>
/// The classes of all code points: a flat table for the first plane, the tables of .NET for the others. Neither depends on ICU or the current culture.
/// </summary>
internal static class CharClasses
{
    private static readonly CharClass[] Table = Build();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharClass Of(char c) => Table[c];

    /// <summary>Returns the class of the code point at <paramref name="at"/> and its number of code units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static CharClass At(ReadOnlySpan<char> text, int at, out int units)
    {
        var c = text[at];
        if ((c & 0xF800) != 0xD800)
        {
            units = 1;
            return Table[c];
        }
        return Astral(text, at, out units);
    }

    public static CharClass Of(int codePoint) => codePoint < 0x10000 ? Table[codePoint] : FromCategory(GeneralCategories.Of(codePoint));

    /// <summary>The property White_Space.</summary>
    public static bool IsSpace(int codePoint) => codePoint < 0x10000 && (Table[codePoint] & CharClass.Space) != 0;

    /// <summary>Numbers as the Digits pre-tokenizer defines them: N*, including some that are newer than the other tables.</summary>
    public static bool IsNumber(int codePoint)
        => (Of(codePoint) & CharClass.Number) != 0 || codePoint is (>= 0x11DE0 and <= 0x11DE9) or (>= 0x16FF4 and <= 0x16FF6);

    private static CharClass Astral(ReadOnlySpan<char> text, int at, out int units)
    {
        units = 1;
        if (at + 1 >= text.Length || !char.IsSurrogatePair(text[at], text[at + 1])) return CharClass.None;
        units = 2;
        return FromCategory(GeneralCategories.Of(char.ConvertToUtf32(text[at], text[at + 1])));
    }

    private static CharClass[] Build()
    {
        var table = new CharClass[0x10000];
        for (var c = 0; c < table.Length; c++)
        {
            table[c] = FromCategory(GeneralCategories.Of(c));
            if (char.IsWhiteSpace((char)c)) table[c] |= CharClass.Space;
        }
        table['\r'] |= CharClass.Line;
        table['\n'] |= CharClass.Line;
        return table;
    }

    private static CharClass FromCategory(UnicodeCategory category) => category switch
    {
        UnicodeCategory.UppercaseLetter or UnicodeCategory.TitlecaseLetter => CharClass.Letter | CharClass.Upper,
        UnicodeCategory.LowercaseLetter => CharClass.Letter | CharClass.Lower,
        UnicodeCategory.ModifierLetter or UnicodeCategory.OtherLetter => CharClass.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => CharClass.Number,
        UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark => CharClass.Mark,
        >= UnicodeCategory.ConnectorPunctuation and <= UnicodeCategory.OtherSymbol => CharClass.Symbol,
        _ => CharClass.None,
    };
}
