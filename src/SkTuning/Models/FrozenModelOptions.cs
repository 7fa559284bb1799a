namespace SkTuning.Models;

/// <summary>The number format of the matrix products. Norms, the residual stream and everything that is trained stay fp32.</summary>
public enum Precision
{
    /// <summary>Exact fp32.</summary>
    Float32,

    /// <summary>bf16 weights and inner products: faster where the processor or GPU has bf16, gradients within about 1 %.</summary>
    BFloat16,
}

internal static class Precisions
{
    /// <summary>The dtype of inner products.</summary>
    public static TorchSharp.torch.ScalarType Compute(this Precision precision) => precision == Precision.BFloat16 ? TorchSharp.torch.ScalarType.BFloat16 : TorchSharp.torch.ScalarType.Float32;
}

/// <summary>How a frozen model is loaded.</summary>
public sealed record FrozenModelOptions
{
    /// <summary><c>cpu</c>, <c>cuda</c>, <c>cuda:1</c>…, or <c>auto</c>: the first CUDA device if there is one. Default: <c>auto</c>.</summary>
    public string Device { get; init; } = "auto";

    /// <summary>Default: <see cref="Precision.Float32"/>.</summary>
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
}
