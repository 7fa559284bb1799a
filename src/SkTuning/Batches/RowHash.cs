using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SkTuning.Batches;

/// <summary>Rows by what they hold.</summary>
internal static class RowHash
{
    /// <summary>Hex SHA-256 of all that the model sees of rows, in their order, and of all that the loss sees.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="withAnswers">False: of what the model sees alone.</param>
    public static string Of(IEnumerable<EncodedRow> rows, bool withAnswers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var row in rows)
        {
            foreach (var sequence in row.Sequences) Add(sequence.Ids);
            Add(row.TypeIds ?? []);
            Add(row.Places ?? []);
            if (!withAnswers) continue;
            Add(row.Classes);
            hash.AppendData(MemoryMarshal.AsBytes<float>(row.Values));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(int[] numbers)
        {
            hash.AppendData(BitConverter.GetBytes(numbers.Length));
            hash.AppendData(MemoryMarshal.AsBytes<int>(numbers));
        }
    }
}
