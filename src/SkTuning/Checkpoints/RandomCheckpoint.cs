using System.Text;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Checkpoints;

/// <summary>
/// A checkpoint with the names, shapes and stored types of another one, but with random values as of a model before its training: matrices are drawn from a
/// normal distribution, norms are one, biases zero. The values of each tensor depend only on the seed and its name. The other checkpoint is not disposed.
/// </summary>
/// <param name="like">The other checkpoint.</param>
/// <param name="deviation">The standard deviation of the matrices' values.</param>
/// <param name="normsAddOne">Whether the family stores norms minus one.</param>
/// <param name="seed">The seed of the values.</param>
internal sealed class RandomCheckpoint(Checkpoint like, float deviation, bool normsAddOne, ulong seed) : Checkpoint
{
    private const float DefaultDeviation = 0.02f;

    /// <summary>The standard deviation that config.json gives for the initial values of matrices.</summary>
    public static float Deviation(ConfigJson config) => config.Float("initializer_range", orElse: DefaultDeviation);

    public override string Location => like.Location;

    public override IReadOnlyDictionary<string, TensorEntry> Entries => like.Entries;

    public override Tensor Read(string name)
    {
        var entry = Entry(name);
        if (entry.Shape.Length < 2 || IsNorm(name))
        {
            var isZero = normsAddOne || name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("beta", StringComparison.Ordinal);
            return full(entry.Shape, (isZero ? 0f : 1f).Kept()).DetachFromDisposeScope();
        }
        using var generator = new Generator(SeedOf(name));
        return randn(entry.Shape, ScalarType.Float32, generator: generator).mul_(deviation.Kept()).DetachFromDisposeScope();
    }

    /// <summary>Returns what determines the values, instead of some of them.</summary>
    public override byte[] Sample(string name, int samples) => Encoding.UTF8.GetBytes(FormattableString.Invariant($"random {seed} {deviation:R}"));

    /// <summary>By name, because a norm with weights for each head is a matrix in the file.</summary>
    private static bool IsNorm(string name) => name.Contains("norm", StringComparison.OrdinalIgnoreCase);

    /// <summary>The FNV-1a hash of the name, combined with the seed.</summary>
    private ulong SeedOf(string name)
    {
        var hash = 0xCBF29CE484222325 ^ seed * 0x9E3779B97F4A7C15;
        foreach (var value in Encoding.UTF8.GetBytes(name)) hash = (hash ^ value) * 0x100000001B3;
        return hash;
    }
}
