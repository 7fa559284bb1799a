using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace SkTuning.Batches;

/// <summary>Hashes the content of rows.</summary>
internal static class RowHash
{
    /// <summary>Returns the SHA-256 hash, in hexadecimal, of everything that the model sees of rows, in their order, and that the loss sees.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="withAnswers">False to hash only what the model sees.</param>
    public static string Of(IEnumerable<EncodedRow> rows, bool withAnswers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (values, exact) = (new List<double>(), new Dictionary<float, double>());
        var needsDoubles = false;
        foreach (var row in rows)
        {
            foreach (var sequence in row.Sequences) Add(sequence.Ids);
            Add(row.TypeIds ?? []);
            Add(row.AnswerPositions ?? []);
            if (!withAnswers) continue;
            Add(row.Classes);
            foreach (var value in row.Values)
            {
                var narrow = (float)value;
                hash.AppendData(BitConverter.GetBytes(narrow));
                if (narrow == value) continue;
                values.Add(value);
                needsDoubles |= exact.TryGetValue(narrow, out var other) && other != value;
                exact[narrow] = value;
            }
        }
        // Earlier versions hashed floats, and the runs that they recorded can be resumed: doubles are added where several of them are the same float.
        if (needsDoubles) hash.AppendData(MemoryMarshal.AsBytes<double>(CollectionsMarshal.AsSpan(values)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Add(int[] numbers)
        {
            hash.AppendData(BitConverter.GetBytes(numbers.Length));
            hash.AppendData(MemoryMarshal.AsBytes<int>(numbers));
        }
    }
}
