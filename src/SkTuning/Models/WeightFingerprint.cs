using System.Security.Cryptography;
using System.Text;
using SkTuning.Checkpoints;

namespace SkTuning.Models;

/// <summary>Hex SHA-256 over canonical name, shape, stored dtype and sampled bytes of every tensor of a model; independent of sharding and prefixes.</summary>
internal static class WeightFingerprint
{
    /// <summary>Pieces of 16 bytes that are read of each tensor.</summary>
    public const int Samples = 16;

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

    /// <summary>That of a checkpoint, by the names under which a model's tensors were taken from one like it.</summary>
    public static string Of(Checkpoint checkpoint, IEnumerable<(string Canonical, string Stored)> names)
        => Of(names.Select(n => (n.Canonical, checkpoint.Entry(n.Stored), checkpoint.Sample(n.Stored, Samples))));
}
