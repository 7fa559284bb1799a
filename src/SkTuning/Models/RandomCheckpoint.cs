using System.Text;
using SkTuning.Checkpoints;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// A checkpoint with given names, shapes and stored types, and random values as at the start of training: matrices normal, norms one, biases zero. The
/// values of a tensor depend only on the seed and its name.
/// </summary>
/// <param name="location">The file or folder, for error messages.</param>
/// <param name="entries">The tensors by name.</param>
/// <param name="deviation">The standard deviation of matrices.</param>
/// <param name="normsAddOne">Whether the family stores the weights of norms as the difference from one.</param>
/// <param name="seed">The seed of the values.</param>
internal sealed class RandomCheckpoint(string location, IReadOnlyDictionary<string, TensorEntry> entries, float deviation, bool normsAddOne, ulong seed)
    : Checkpoint
{
    /// <summary>The standard deviation of new matrices where config.json does not say it.</summary>
    public const float DefaultDeviation = 0.02f;

    /// <summary>Returns the standard deviation of new matrices according to config.json.</summary>
    public static float Deviation(ConfigJson config) => config.Float("initializer_range", orElse: DefaultDeviation);

    public override string Location => location;

    public override IReadOnlyDictionary<string, TensorEntry> Entries => entries;

    public override Tensor Read(string name)
    {
        var entry = Entry(name);
        if (entry.Shape.Length < 2 || IsNorm(name))
        {
            var isZero = name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("beta", StringComparison.Ordinal) || normsAddOne;
            return full(entry.Shape, (isZero ? 0f : 1f).Kept()).DetachFromDisposeScope();
        }
        using var generator = new Generator(OfName(name));
        return randn(entry.Shape, ScalarType.Float32, generator: generator).mul_(deviation.Kept()).DetachFromDisposeScope();
    }

    /// <summary>Returns the seed and deviation, which determine the values, instead of some of the values.</summary>
    public override byte[] Sample(string name, int samples) => Encoding.UTF8.GetBytes(FormattableString.Invariant($"random {seed} {deviation:R}"));

    /// <summary>Returns whether a tensor belongs to a norm. A norm with a weight for each head is a matrix in the file.</summary>
    private static bool IsNorm(string name) => name.Contains("norm", StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the seed of a tensor: FNV-1a of the name, starting from the seed of the checkpoint.</summary>
    private ulong OfName(string name)
    {
        var hash = 0xCBF29CE484222325 ^ seed * 0x9E3779B97F4A7C15;
        foreach (var value in Encoding.UTF8.GetBytes(name)) hash = (hash ^ value) * 0x100000001B3;
        return hash;
    }
}
