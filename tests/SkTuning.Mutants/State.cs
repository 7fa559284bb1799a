using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace SkTuning.Mutants;

/// <summary>What is known of a draw, so that a run can be interrupted, and goes on where only tests have changed.</summary>
/// <param name="Key">The arguments and the sources of the draw.</param>
/// <param name="Planted">The mutants of each seed that compile.</param>
/// <param name="Results">What the tests say of a mutant, by number.</param>
internal sealed record State(string Key, Dictionary<int, Mutation[]> Planted, Dictionary<int, Result> Results)
{
    public static State? Load(string path, string key)
        => File.Exists(path) && JsonSerializer.Deserialize<State>(File.ReadAllText(path)) is { } state && state.Key == key ? state : null;

    public void Save(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this));

    /// <summary>A hash of files and their names.</summary>
    public static string Hash(string root, IEnumerable<string> files)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            hash.AppendData(File.ReadAllBytes(Path.Combine(root, file)));
        }
        return Convert.ToHexString(hash.GetHashAndReset());
    }
}

/// <summary>What the tests say of a mutant.</summary>
/// <param name="FoundBy">The test that fails; null if all pass.</param>
/// <param name="Tests">The hash of the tests that pass.</param>
internal sealed record Result(string? FoundBy, string Tests);
