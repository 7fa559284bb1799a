namespace SkTuning.Tokenizers.Text;

/// <summary>GPT-2's way of writing bytes as printable characters: bytes that print in Latin-1 stand for themselves, the others follow from U+0100 on.</summary>
internal static class ByteAlphabet
{
    private static readonly char[] Chars = Build();
    private static readonly short[] Bytes = Invert();

    public static char CharOf(byte b) => Chars[b];

    /// <summary>The byte a character stands for, or -1.</summary>
    public static int ByteOf(char c) => c < Bytes.Length ? Bytes[c] : -1;

    private static char[] Build()
    {
        var chars = new char[256];
        var next = 256;
        for (var b = 0; b < 256; b++)
            chars[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)b : (char)next++;
        return chars;
    }

    private static short[] Invert()
    {
        var bytes = new short[Chars.Max() + 1];
        Array.Fill(bytes, (short)-1);
        for (var b = 0; b < 256; b++) bytes[Chars[b]] = (short)b;
        return bytes;
    }
}
