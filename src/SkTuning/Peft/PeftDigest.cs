using System.Security.Cryptography;
using System.Text;
using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>What ties our own part of an exported file to PEFT's tensors in it: a change of those is seen.</summary>
internal static class PeftDigest
{
    /// <summary>In the tensor file's metadata, which PEFT does not look at.</summary>
    public const string DefinitionKey = "sktuning.definition", Key = "sktuning.digest";

    /// <summary>Hex SHA-256 over name, dtype, shape and bytes of tensors.</summary>
    /// <param name="names">Which.</param>
    /// <param name="read">Reads one; it is disposed.</param>
    public static string Of(IEnumerable<string> names, Func<string, Tensor> read)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var name in names.Order(StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            using var value = read(name);
            var here = value.detach().cpu().contiguous();
            hash.AppendData(Encoding.UTF8.GetBytes($"{name} {SafetensorsHeader.NameOf(here.dtype)} [{string.Join(", ", here.shape)}]\n"));
            if (here.NumberOfElements > 0) hash.AppendData(here.bytes);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
