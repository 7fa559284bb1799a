using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Runtime.InteropServices;
using System.Text;

namespace SkTuning.Diagnostics;

/// <summary>What texts are compared by: 128 bits of a hash, so that a file larger than memory can be compared and no text is kept.</summary>
internal static class TextKey
{
    /// <summary>Equal for equal texts.</summary>
    public static UInt128 Exact(string text, string? text2) => Hash(text2 is null ? text : $"{text.Length} {text}{text2}");

    /// <summary>Equal for texts that differ in case, white space, punctuation and the compatibility forms of Unicode only.</summary>
    public static UInt128 Near(string text, string? text2) => Exact(Folded(text), text2 is null ? null : Folded(text2));

    /// <summary>NFKC, lower case, neither white space nor punctuation; a text of nothing else stays as it is.</summary>
    public static string Folded(string text)
    {
        string normal;
        try { normal = text.Normalize(NormalizationForm.FormKC); }
        catch (ArgumentException) { normal = text; }   // half a surrogate pair has no normal form
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
