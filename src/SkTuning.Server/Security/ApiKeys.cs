using System.Security.Cryptography;
using System.Text;

namespace SkTuning.Server.Security;

/// <summary>What a caller may do; each role includes the ones before it.</summary>
internal enum Role
{
    /// <summary>Classify, and read what there is.</summary>
    Read,

    /// <summary>Upload, activate and delete adapters.</summary>
    Admin,
}

/// <summary>
/// The keys of callers. Only their hashes are kept. A key is compared with all of them in constant time, so that the time of an answer shows neither which key
/// is close nor how much of it is right.
/// </summary>
internal sealed class ApiKeys
{
    private readonly (byte[] Hash, Role Role)[] _keys;

    public ApiKeys(ClassifierServerOptions options)
        => _keys = [.. options.ReadKeys.Select(k => (Hash(k), Role.Read)), .. options.AdminKeys.Select(k => (Hash(k), Role.Admin))];

    /// <summary>True if there is any key.</summary>
    public bool Any => _keys.Length > 0;

    /// <summary>Returns the role of a key and its number, or null if it is unknown. A key of both roles has the higher one.</summary>
    public (Role Role, int Number)? Find(string key)
    {
        var hash = Hash(key);
        var found = -1;
        for (var i = 0; i < _keys.Length; i++)
            if (CryptographicOperations.FixedTimeEquals(hash, _keys[i].Hash)) found = i;
        return found < 0 ? null : (_keys[found].Role, found);
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
