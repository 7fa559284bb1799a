using System.Globalization;

namespace SkTuning.Tokenizers.Text;

/// <summary>The Unicode definition of <c>\w</c> (UTS 18): alphabetic, marks, decimal digits, connectors, join controls.</summary>
internal static class WordCharacters
{
    public static bool Contains(int codePoint) => GeneralCategories.Of(codePoint) switch
    {
        >= UnicodeCategory.UppercaseLetter and <= UnicodeCategory.LetterNumber => true,
        UnicodeCategory.ConnectorPunctuation => true,
        UnicodeCategory.OtherSymbol
            => codePoint is >= 0x24B6 and <= 0x24E9 or >= 0x1F130 and <= 0x1F149 or >= 0x1F150 and <= 0x1F169 or >= 0x1F170 and <= 0x1F189,
        _ => codePoint is 0x200C or 0x200D,
    };
}
