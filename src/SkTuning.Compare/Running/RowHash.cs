using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SkTuning.Compare;

/// <summary>Computes a hash that identifies rows, independent of the file they were read from.</summary>
internal static class RowHash
{
    public static string Of(IReadOnlyList<Row> rows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in rows)
        {
            Append(hash, row.Text);
            Append(hash, row.Text2);
            Append(hash, row.Label);
        }
        return Name(hash.GetHashAndReset());
    }

    public static string Of(string text) => Name(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Appends a text preceded by its length, so that different rows never produce the same bytes; null has a different length than empty.</summary>
    private static void Append(IncrementalHash hash, string? text)
    {
        var bytes = text is null ? [] : Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(length, text is null ? -1 : bytes.Length);
        hash.AppendData(length);
        hash.AppendData(bytes);
    }

    private static string Name(byte[] hash) => Convert.ToHexStringLower(hash)[..32];
}
