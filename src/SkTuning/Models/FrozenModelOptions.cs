using SkTuning.Native;

namespace SkTuning;

/// <summary>The number format of the matrix products. Norms, the residual stream and everything that is trained stay fp32.</summary>
public enum Precision
{
    /// <summary>Exact fp32.</summary>
    Float32,

    /// <summary>bf16 weights and inner products: faster where the processor or GPU has bf16, gradients within about 1 %.</summary>
    BFloat16,

    /// <summary><see cref="BFloat16"/> where it is faster: on a processor with amx_bf16, on AMD's with avx512_bf16, on a GPU with instructions for it; else <see cref="Float32"/>. A model says what was chosen.</summary>
    Auto,

    /// <summary>fp16 weights and inner products, for GPUs that have no bf16; gradients are scaled while they pass through it. Weights over 65,504 do not fit. Slow on processors.</summary>
    Float16,
}

internal static class Precisions
{
    /// <summary>What it means on a device, and why where that was left open.</summary>
    public static (Precision Precision, string? Reason) On(this Precision precision, TorchSharp.torch.Device device)
    {
        if (precision != Precision.Auto) return (precision, null);
        var (fast, reason) = Native.BFloat16Support.On(device);
        return (fast ? Precision.BFloat16 : Precision.Float32, reason);
    }

    /// <summary>The dtype of inner products.</summary>
    public static TorchSharp.torch.ScalarType Compute(this Precision precision) => precision switch
    {
        Precision.BFloat16 => TorchSharp.torch.ScalarType.BFloat16,
        Precision.Float16 => TorchSharp.torch.ScalarType.Float16,
        _ => TorchSharp.torch.ScalarType.Float32,
    };
}

/// <summary>How a frozen model is loaded.</summary>
public sealed record FrozenModelOptions
{
    /// <summary><c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>…, or <c>auto</c>: the first CUDA device if there is one. Default: <c>auto</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Default: <see cref="Precision.Float32"/>, which gives the same numbers on every processor. <see cref="Precision.Auto"/> trains up to twice as fast where there is bf16 (see docs/performance.md).</summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>
    /// Copy the weights into memory instead of mapping the file. Default: false. A mapped file that is cut short while in use ends the
    /// process: copy where files may change under a running program.
    /// </summary>
    public bool CopyWeights { get; init; }

    /// <summary>
    /// Keep quantised matrices (GGUF) as their blocks and expand them for each product, in forward and in backward, instead of once when the
    /// model is loaded. Default: false, since expanding takes time in every step (see docs/models.md); true where the expanded
    /// weights would not fit, for they take 7 times the memory of Q4_0 in fp32. Results are the same; other checkpoints are not touched by it.
    /// On a GPU every expanded weight travels there each time: slow.
    /// </summary>
    public bool KeepQuantized { get; init; }

    /// <summary>
    /// Start all weights at random, as the model's own training would have started them, in place of what the checkpoint holds, and draw them from this seed: normal values with the standard deviation of config.json
    /// (<c>initializer_range</c>; 0.02 where it has none) for matrices, one for norms, zero for biases. Such a model knows nothing: what a method reaches on it, it owes to its own parameters and the
    /// architecture. It is another base for adapters. Null: the checkpoint's weights. Default: null.
    /// </summary>
    public ulong? RandomWeights { get; init; }

    /// <summary>Everything in fp64, whatever the precision: gradients are checked so.</summary>
    internal bool Float64 { get; init; }
}
