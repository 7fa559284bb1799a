using System.Globalization;
using System.Security.Cryptography;

namespace SkTuning.Tokenizers.Text;

/// <summary>
/// A hash of everything that determines the ids, independent of the file it was read from. The length of each entry is hashed before it, so that the
/// boundaries between entries are unambiguous.
/// </summary>
internal sealed class Fingerprint : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    public void Add(string name, params ReadOnlySpan<object?> values)
    {
        Text(name);
        foreach (var value in values)
            Text(value switch
            {
                null => "-",
                bool b => b ? "true" : "false",
                IFormattable f => f.ToString(null, CultureInfo.InvariantCulture),
                _ => value.ToString()!,
            });
    }

    public void Text(string value)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(value);
        Span<byte> length = stackalloc byte[4];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
        _hash.AppendData(length);
        _hash.AppendData(bytes);
    }

    public void Bytes(ReadOnlySpan<byte> bytes) => _hash.AppendData(bytes);

    public string Finish() => Convert.ToHexStringLower(_hash.GetHashAndReset());

    public void Dispose() => _hash.Dispose();
}
