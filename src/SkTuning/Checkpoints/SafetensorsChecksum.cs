using System.Security.Cryptography;
using System.Text;

namespace SkTuning.Checkpoints;

/// <summary>
/// A checksum that a safetensors file holds of itself, in its metadata: the SHA-256 of the whole file with zeros in the place of the checksum. It covers names,
/// shapes, metadata and values.
/// </summary>
internal static class SafetensorsChecksum
{
    /// <summary>The key of the checksum in the metadata.</summary>
    public const string Key = "checksum";

    private const int Part = 1 << 24;

    /// <summary>The value to write a file with before <see cref="Seal"/> replaces it.</summary>
    public static string Placeholder { get; } = new('0', 2 * SHA256.HashSizeInBytes);

    /// <summary>Replaces the placeholder in a file with the checksum.</summary>
    public static void Seal(string path)
    {
        long at;
        string checksum;
        using (var file = new MappedFile(path)) (at, checksum) = (Find(file, Placeholder), Of(file, Placeholder));
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.None, bufferSize: 0);
        stream.Position = at;
        stream.Write(Encoding.ASCII.GetBytes(checksum));
        stream.Flush(flushToDisk: true);
    }

    /// <summary>Returns the checksum of a file that holds a value of the same length in its place; with no value, that of all bytes.</summary>
    public static string Of(MappedFile file, string held)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var at = held.Length == 0 ? 0 : Find(file, held);
        Append(0, at);
        if (held.Length > 0) hash.AppendData(Encoding.ASCII.GetBytes(Placeholder));
        Append(at + held.Length, file.Length);
        return Convert.ToHexStringLower(hash.GetHashAndReset());

        void Append(long from, long to)
        {
            for (; from < to; from += Part) hash.AppendData(file.Slice(from, (int)Math.Min(Part, to - from)));
        }
    }

    private static long Find(MappedFile file, string held)
    {
        var start = file.Slice(0, (int)Math.Min(file.Length, 8 + BitConverter.ToInt64(file.Slice(0, 8))));
        var at = start.IndexOf(Encoding.UTF8.GetBytes($"\"{Key}\":\"{held}\""));
        return at >= 0 ? at + Key.Length + 4
            : throw SkTuningException.BadFile(file.Path, Key, "written in another way", "the form that it was saved in", "The file was changed.");
    }
}
