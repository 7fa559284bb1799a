using System.Text;
using SkTuning.Checkpoints;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// The tensors of a checkpoint by name, shape and stored type, with values drawn at random as a model starts: matrices normal, norms one, biases zero. Each tensor's values depend on the seed and its
/// name alone. The checkpoint it stands for stays its owner's.
/// </summary>
/// <param name="like">The checkpoint.</param>
/// <param name="deviation">The standard deviation of matrices.</param>
/// <param name="normsAddOne">The family stores norms as their distance from one.</param>
/// <param name="seed">Decides the values.</param>
internal sealed class RandomCheckpoint(Checkpoint like, float deviation, bool normsAddOne, ulong seed) : Checkpoint
{
    private const float UsualDeviation = 0.02f;

    /// <summary>What config.json starts matrices with.</summary>
    public static float Deviation(ConfigJson config) => config.Float("initializer_range", orElse: UsualDeviation);

    public override string Location => like.Location;

    public override IReadOnlyDictionary<string, TensorEntry> Entries => like.Entries;

    public override Tensor Read(string name)
    {
        var entry = Entry(name);
        if (entry.Shape.Length < 2 || IsNorm(name)) return full(entry.Shape, (name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("beta", StringComparison.Ordinal) || normsAddOne ? 0f : 1f).Kept()).DetachFromDisposeScope();
        using var generator = new Generator(OfName(name));
        return randn(entry.Shape, ScalarType.Float32, generator: generator).mul_(deviation.Kept()).DetachFromDisposeScope();
    }

    /// <summary>What the values follow from, in place of some of them.</summary>
    public override byte[] Sample(string name, int samples) => Encoding.UTF8.GetBytes(FormattableString.Invariant($"random {seed} {deviation:R}"));

    /// <summary>A norm with a weight for each head is a matrix in the file.</summary>
    private static bool IsNorm(string name) => name.Contains("norm", StringComparison.OrdinalIgnoreCase);

    /// <summary>FNV-1a of the name, turned by the seed.</summary>
    private ulong OfName(string name)
    {
        var hash = 0xCBF29CE484222325 ^ seed * 0x9E3779B97F4A7C15;
        foreach (var value in Encoding.UTF8.GetBytes(name)) hash = (hash ^ value) * 0x100000001B3;
        return hash;
    }
}
