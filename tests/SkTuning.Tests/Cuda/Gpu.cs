using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace SkTuning.Tests.Cuda;

/// <summary>What the tests of the GPU need of it. They do not run beside each other: its memory is one.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Gpu
{
    public const string Name = "GPU";

    private const int NotReady = 600;

    public static void SkipWithout() => Assert.SkipUnless(cuda.is_available(), "no CUDA device is available");

    /// <summary>Keeps the GPU busy for seconds with what was asked for and not waited for.</summary>
    public static void Busy()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var (a, b) = (ones(8192, 8192, device: CUDA), ones(8192, 8192, device: CUDA));
        for (var i = 0; i < 150; i++) a.mm(b).Dispose();
    }

    /// <summary>Whether something that was asked for is not computed yet.</summary>
    public static bool IsBusy() => cuStreamQuery(0) == NotReady;

    /// <summary>Takes all of its memory but so many pieces of 64 MB; the tensors are the caller's.</summary>
    public static List<Tensor> Full(int but)
    {
        var taken = new List<Tensor>();
        try
        {
            while (true) taken.Add(empty([64 << 20], ScalarType.Byte, CUDA).DetachFromDisposeScope());
        }
        catch (ExternalException)
        {
            taken[..but].ForEach(t => t.Dispose());
            return taken[but..];
        }
    }

    [DllImport("libcuda.so.1")] private static extern int cuStreamQuery(nint stream);
}
