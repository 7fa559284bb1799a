using System.Security.Cryptography;
using System.Text;
using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Peft;

/// <summary>The digest that ties SkTuning's own part of an exported file to PEFT's tensors in it, so that a change of these tensors is detected.</summary>
internal static class PeftDigest
{
    /// <summary>Keys in the metadata of the tensor file, which PEFT does not read.</summary>
    public const string DefinitionKey = "sktuning.definition", Key = "sktuning.digest";

    /// <summary>Returns the SHA-256, in hexadecimal, of the names, types, shapes and bytes of tensors.</summary>
    /// <param name="names">The names of the tensors.</param>
    /// <param name="read">Reads a tensor, which is disposed afterwards.</param>
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
