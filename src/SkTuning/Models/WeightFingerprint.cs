using System.Security.Cryptography;
using System.Text;
using SkTuning.Checkpoints;

namespace SkTuning.Models;

/// <summary>
/// Computes a hex SHA-256 over the canonical name, shape, stored dtype and sampled bytes of every tensor of a model. Sharding and prefixes do not matter.
/// </summary>
internal static class WeightFingerprint
{
    /// <summary>The number of 16-byte pieces to read from each tensor.</summary>
    public const int Samples = 16;

    /// <summary>Returns the fingerprint of sampled tensors, in any order.</summary>
    public static string Of(IEnumerable<(string Canonical, TensorEntry Entry, byte[] Bytes)> sampled)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (canonical, entry, bytes) in sampled.OrderBy(s => s.Canonical, StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{canonical} {entry.StoredAs} {entry.ShapeText}\n"));
            hash.AppendData(bytes);
        }
        return Convert.ToHexString(hash.GetHashAndReset())[..32];
    }

    /// <summary>
    /// Returns the fingerprint of a checkpoint, given the names under which a model's tensors were read from a checkpoint with the same names.
    /// </summary>
    public static string Of(Checkpoint checkpoint, IEnumerable<(string Canonical, string Stored)> names)
        => Of(names.Select(n => (n.Canonical, checkpoint.Entry(n.Stored), checkpoint.Sample(n.Stored, Samples))));
}
