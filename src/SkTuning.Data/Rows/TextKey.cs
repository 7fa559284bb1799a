using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace SkTuning.Data;

/// <summary>128-bit hashes for comparing texts, so that files larger than memory can be compared without keeping their texts.</summary>
internal static class TextKey
{
    /// <summary>A hash that is equal for identical texts.</summary>
    public static UInt128 Exact(string text, string? text2) => Hash(text2 is null ? text : $"{text.Length} {text}{text2}");

    /// <summary>A hash that is equal for texts that differ only in case, white space, punctuation, and Unicode compatibility forms.</summary>
    public static UInt128 Near(string text, string? text2) => Exact(Folded(text), text2 is null ? null : Folded(text2));

    /// <summary>The text in NFKC and lower case, without white space and punctuation. A text that consists only of these is just trimmed.</summary>
    public static string Folded(string text)
    {
        string normal;
        try { normal = text.Normalize(NormalizationForm.FormKC); }
        catch (ArgumentException) { normal = text; }   // an unpaired surrogate has no normal form
        var folded = new StringBuilder(normal.Length);
        foreach (var rune in normal.EnumerateRunes())
            if (!Rune.IsWhiteSpace(rune) && !Rune.IsPunctuation(rune)) folded.Append(Rune.ToLowerInvariant(rune));
        return folded.Length > 0 ? folded.ToString() : text.Trim();
    }

    private static UInt128 Hash(string text)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(MemoryMarshal.AsBytes(text.AsSpan()), digest);
        return BinaryPrimitives.ReadUInt128LittleEndian(digest);
    }
}
