using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using SkTuning.Batches;

namespace SkTuning.Decisions;

/// <summary>The random fraction of a row that its prediction set depends on.</summary>
internal static class SetFraction
{
    /// <summary>
    /// Returns the fraction of a row, from 0 to 1. It follows from what the model reads and the seed of the adapter: a text has the same set in every batch and
    /// in every process.
    /// </summary>
    public static double Of(EncodedRow row, ulong seed)
    {
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        int[] read = [(int)seed, (int)(seed >> 32), .. row.Sequences.SelectMany(s => s.Ids.Prepend(s.Ids.Length)), .. row.TypeIds ?? []];
        SHA256.HashData(MemoryMarshal.AsBytes<int>(read), digest);
        return (BinaryPrimitives.ReadUInt64LittleEndian(digest) >> 11) * (1.0 / (1L << 53));
    }
}
