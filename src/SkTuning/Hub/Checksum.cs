using System.Security.Cryptography;
using System.Text;

namespace SkTuning.Hub;

/// <summary>
/// A file's ETag on the hub is its checksum: the SHA-256 of a large (LFS) file, or git's SHA-1 of "blob {length}\0" and the bytes of a small one.
/// </summary>
internal static class Checksum
{
    public static bool IsChecksum(string etag) => etag.Length is 40 or 64 && etag.All(char.IsAsciiHexDigitLower);

    public static string Kind(string etag) => etag.Length == 64 ? "sha256" : "git sha1";

    public static bool Matches(string path, string etag, HubReport report, CancellationToken cancellationToken)
        => Of(path, etag, report, cancellationToken) == etag;

    /// <summary>Computes the checksum of a file, of the same kind as <paramref name="etag"/>.</summary>
    public static string Of(string path, string etag, HubReport report, CancellationToken cancellationToken)
    {
        using var file = InputFile.Open(path, bufferSize: 0, FileOptions.SequentialScan, FileShare.ReadWrite | FileShare.Delete);
        using var hash = IncrementalHash.CreateHash(etag.Length == 64 ? HashAlgorithmName.SHA256 : HashAlgorithmName.SHA1);
        report.Size(file.Length);
        if (etag.Length == 40) hash.AppendData(Encoding.ASCII.GetBytes($"blob {file.Length}\0"));
        var (buffer, done) = (new byte[256 * 1024], 0L);
        while (file.Read(buffer) is > 0 and var read)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, read);
            report.Bytes(HubStep.Checking, done += read);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
