using static TorchSharp.torch;

namespace SkTuning.Bench.Steps;

/// <summary>Plain products of large matrices (square ones and those of the model's feed-forward layers), whose rate is the upper limit for a step.</summary>
internal sealed class Products : IDisposable
{
    private const int Side = 1536, SideOnGpu = 8192, Times = 4;

    private readonly (Tensor A, Tensor B)[] _square, _wide;

    public Products(StepShape shape, long tokens, Device device)
    {
        var side = device.type == TorchSharp.DeviceType.CPU ? Side : SideOnGpu;
        _square = Of(side, side, side, device);
        _wide = Of(tokens, shape.Hidden, shape.Inner, device);
    }

    public double Operations(bool wide)
    {
        var (a, b) = (wide ? _wide : _square)[0];
        return 2.0 * a.shape[0] * a.shape[1] * b.shape[1] * Times;
    }

    /// <summary>Runs the products.</summary>
    public double Take(bool wide, bool bf16)
    {
        using var off = no_grad();
        var (a, b) = (wide ? _wide : _square)[bf16 ? 1 : 0];
        for (var i = 0; i < Times; i++) a.mm(b).Dispose();
        return Times;
    }

    private static (Tensor, Tensor)[] Of(long m, long k, long n, Device device)
    {
        Tensor a = randn(m, k, device: device), b = randn(k, n, device: device);
        return [(a, b), (a.to_type(ScalarType.BFloat16), b.to_type(ScalarType.BFloat16))];
    }

    public void Dispose()
    {
        foreach (var (a, b) in _square.Concat(_wide)) { a.Dispose(); b.Dispose(); }
    }
}
