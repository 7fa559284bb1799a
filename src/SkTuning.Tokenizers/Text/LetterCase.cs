namespace SkTuning.Tokenizers.Text;

/// <summary>Converts to lower case by the Unicode tables, one character at a time, independent of the language.</summary>
internal static class LetterCase
{
    /// <summary>The only letter whose lower case has two characters: i and <see cref="DotAbove"/>.</summary>
    public const int DottedI = 0x130;
    public const int DotAbove = 0x307;

    private static readonly Lazy<char[]> Plane = new(() =>
    {
        var plane = new char[0x10000];
        for (var c = 0; c < plane.Length; c++) plane[c] = (char)UnicodeTables.Lower(c);
        return plane;
    });

    /// <summary>Returns the lower case of a code point, or the first character of it.</summary>
    public static int Lower(int c) => c < 0x80 ? c is >= 'A' and <= 'Z' ? c + 32 : c : c < 0x10000 ? Plane.Value[c] : UnicodeTables.Lower(c);
}
