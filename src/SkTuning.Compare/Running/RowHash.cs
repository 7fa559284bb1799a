using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace SkTuning.Compare;

/// <summary>What rows are known by, whatever file they came from.</summary>
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

    /// <summary>Each text behind its length, so that no two lists of rows run together; null is another length than empty.</summary>
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
