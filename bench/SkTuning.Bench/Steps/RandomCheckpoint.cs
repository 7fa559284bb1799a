using SkTuning.Checkpoints;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Bench.Steps;

/// <summary>Random weights of given shapes, generated on demand and deterministically. Time and memory do not depend on the values of weights.</summary>
internal sealed class RandomCheckpoint(IEnumerable<(string Name, long[] Shape)> tensors) : Checkpoint
{
    private const double Deviation = 0.02;

    private readonly Dictionary<string, (TensorEntry Entry, ulong Seed)> _tensors = tensors.Index().ToDictionary(
        t => t.Item.Name, t => (new TensorEntry(t.Item.Name, "random", "F32", t.Item.Shape), (ulong)t.Index + 1), StringComparer.Ordinal);

    public override string Location => "random";

    public override IReadOnlyDictionary<string, TensorEntry> Entries => _tensors.ToDictionary(t => t.Key, t => t.Value.Entry, StringComparer.Ordinal);

    public override Tensor Read(string name)
    {
        var (entry, seed) = _tensors[name];
        if (entry.Shape.Length == 1) return name.EndsWith(".bias", StringComparison.Ordinal) ? zeros(entry.Shape) : ones(entry.Shape);
        using var random = new Generator(seed);
        return randn(entry.Shape, generator: random).mul_(Deviation.Kept());
    }

    public override byte[] Sample(string name, int samples) => BitConverter.GetBytes(_tensors[name].Seed);
}
