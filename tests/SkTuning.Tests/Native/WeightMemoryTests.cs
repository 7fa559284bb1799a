using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Tests.Native;

[Collection(Alone.Name)]
public sealed class WeightMemoryTests
{
    /// <summary>Small shapes (for libtorch's allocator), shapes that share a piece, and one larger than a piece.</summary>
    private static readonly long[][] Shapes = [[3], [0, 5], [300, 400], [7, 64, 1001], [70_000, 1024], [513, 129]];

    [Fact]
    public unsafe void Tensors_do_not_overlap_and_stay_valid_when_the_memory_is_disposed()
    {
        var tensors = new List<Tensor>();
        using (var memory = new WeightMemory())
            foreach (var (i, shape) in Shapes.Index())
            {
                var tensor = memory.Empty(shape, ScalarType.Float32, shape.Aggregate(4L, (a, b) => a * b));
                Assert.Equal(shape, tensor.shape);
                if (tensor.NumberOfElements > 0) Assert.Equal(0, (nint)NativeTensor.DataOf(tensor) % 16);
                tensor.fill_(i + 1);
                tensors.Add(tensor);
            }
        foreach (var (i, tensor) in tensors.Index())
        {
            using (tensor)
            using (var same = tensor.eq(i + 1).all())
                Assert.True(same.item<bool>(), $"tensor {i} was overwritten");
        }
    }

    [Fact]
    public void A_copy_has_the_values_in_the_dtype_asked_for()
    {
        using var scope = NewDisposeScope();
        using var memory = new WeightMemory();
        var from = randn(500, 300);
        Fixtures.AssertSame(from.to(bfloat16), memory.Copy(from, ScalarType.BFloat16), "bf16");
        Fixtures.AssertSame(from.t().contiguous(), memory.Copy(from.t(), ScalarType.Float32), "transposed");
        Fixtures.AssertSame(from[0, 0], memory.Copy(from[0, 0], ScalarType.Float32), "a single value");
    }

    [Fact]
    public void Disposed_memory_still_creates_tensors()
    {
        var memory = new WeightMemory();
        memory.Dispose();
        memory.Dispose();
        using var tensor = memory.Empty([400, 400], ScalarType.Float32, 640_000);
        Assert.Equal([400, 400], tensor.shape);
    }

    [Fact]
    public void Memory_is_released_with_the_last_tensor()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Linux only: elsewhere libtorch's allocator is used");
        const long bytes = 300L << 20;
        var before = Resident();
        var memory = new WeightMemory();
        var tensor = memory.Empty([bytes / 4], ScalarType.Float32, bytes);
        tensor.fill_(1);
        Assert.True(Resident() - before > bytes / 2, "the tensor was written to and must take memory");
        memory.Dispose();
        tensor.Dispose();
        Assert.True(Resident() - before < bytes / 2, $"{(Resident() - before) >> 20} MB are still in use");
    }

    private static long Resident()
    {
        using var me = System.Diagnostics.Process.GetCurrentProcess();
        return me.WorkingSet64;
    }
}
