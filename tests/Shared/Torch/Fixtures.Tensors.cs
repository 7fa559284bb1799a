using SkTuning.Checkpoints;
using static TorchSharp.torch;

namespace SkTuning.Tests;

internal static partial class Fixtures
{
    /// <summary>All tensors of a safetensors file, and its metadata.</summary>
    public static (Dictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata) Read(string path)
    {
        using var file = new SafetensorsCheckpoint(path, copy: true);
        return (file.Entries.Keys.ToDictionary(k => k, k => file.Read(k).Here()), file.Metadata);
    }

    /// <summary>|a-b| is at most tolerance · max(1, |b|), everywhere; the largest difference is named.</summary>
    public static double AssertClose(Tensor expected, Tensor actual, string what, double tolerance = 1e-4)
    {
        Assert.True(expected.shape.SequenceEqual(actual.shape),
            $"{what}: shape [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]");
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (a, b) = (actual.to_type(ScalarType.Float64).cpu(), expected.to_type(ScalarType.Float64).cpu());
        var worst = a.NumberOfElements == 0 ? 0 : ((a - b).abs() / b.abs().clamp_min(1)).max().item<double>();
        Assert.True(worst <= tolerance, $"{what}: differs by {worst:E2}, allowed {tolerance:E0}");
        return worst;
    }

    /// <summary>The same shape, dtype and bits.</summary>
    public static void AssertSame(Tensor expected, Tensor actual, string what)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected.dtype, actual.dtype);
        Assert.True(expected.shape.SequenceEqual(actual.shape),
            $"{what}: shape [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]");
        if (expected.NumberOfElements == 0) return;
        Assert.True(expected.cpu().contiguous().bytes.SequenceEqual(actual.cpu().contiguous().bytes), $"{what}: not the same bits");
    }
}
