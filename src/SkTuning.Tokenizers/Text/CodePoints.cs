using System.Runtime.CompilerServices;

namespace SkTuning.Tokenizers.Text;

/// <summary>Reads the code points of a UTF-16 text.</summary>
internal static class CodePoints
{
    /// <summary>Returns the code point at <paramref name="at"/> and its number of code units. An unpaired surrogate is returned unchanged.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int At(ReadOnlySpan<char> text, int at, out int units)
    {
        var c = text[at];
        if ((c & 0xFC00) == 0xD800 && at + 1 < text.Length && (text[at + 1] & 0xFC00) == 0xDC00)
        {
            units = 2;
            return 0x10000 + ((c & 0x3FF) << 10) + (text[at + 1] & 0x3FF);
        }
        units = 1;
        return c;
    }

    /// <summary>Returns the code point that ends at <paramref name="at"/> and its number of code units.</summary>
    public static int Before(ReadOnlySpan<char> text, int at, out int units)
    {
        units = at > 1 && char.IsSurrogatePair(text[at - 2], text[at - 1]) ? 2 : 1;
        return At(text, at - units, out _);
    }
}
