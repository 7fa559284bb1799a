namespace SkTuning;

/// <summary>The number format of the matrix products. Norms, the residual stream and everything that is trained stay fp32.</summary>
public enum Precision
{
    /// <summary>Exact fp32.</summary>
    Float32,

    /// <summary>bf16 weights and inner products. Faster on processors and GPUs with bf16; gradients are accurate to about 1%.</summary>
    BFloat16,

    /// <summary>
    /// <see cref="BFloat16"/> where it is faster: on a processor with amx_bf16, on an AMD processor with avx512_bf16, and on a GPU with bf16 instructions;
    /// otherwise <see cref="Float32"/>. <see cref="ModelDescription.Precision"/> reports the choice.
    /// </summary>
    Auto,

    /// <summary>
    /// fp16 weights and inner products, for GPUs without bf16. Gradients are scaled on their way through the model. Weights above 65,504 do not fit. Slow on
    /// processors.
    /// </summary>
    Float16,
}

/// <summary>The meaning of a precision on a device.</summary>
internal static class Precisions
{
    /// <summary>Returns the precision to use on a device and, for <see cref="Precision.Auto"/>, the reason.</summary>
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

/// <summary>Options for loading a frozen model.</summary>
public sealed record FrozenModelOptions
{
    /// <summary>
    /// The device: <c>cpu</c>, <c>cuda</c>, <c>cuda:1</c> and so on, or <c>auto</c> for the first CUDA device if there is one, otherwise the CPU. The default
    /// is <c>auto</c>.
    /// </summary>
    public string Device { get; init; } = "auto";

    /// <summary>
    /// The number format of the matrix products. The default is <see cref="Precision.Float32"/>, which gives the same numbers on every processor.
    /// <see cref="Precision.Auto"/> trains up to twice as fast on hardware with bf16 (see docs/performance.md).
    /// </summary>
    public Precision Precision { get; init; } = Precision.Float32;

    /// <summary>
    /// Whether to copy the weights into memory instead of mapping the file. Truncating a mapped file while it is in use ends the process, so copy the weights
    /// if files may change while the program runs. The default is false.
    /// </summary>
    public bool CopyWeights { get; init; }

    /// <summary>
    /// Whether to keep quantized matrices (GGUF) in their blocks and expand them for each product, in forward and in backward, instead of once when the model
    /// is loaded. Set this if the expanded weights do not fit into memory: in fp32 they take 7 times as much as in Q4_0. Expanding takes time in every step
    /// (see docs/models.md) and is slow on a GPU, because each expanded weight is copied to it every time. Results are the same. Other checkpoints are not
    /// affected. The default is false.
    /// </summary>
    public bool KeepQuantized { get; init; }

    /// <summary>
    /// The seed of random weights that replace those of the checkpoint: normal values with the standard deviation from config.json (<c>initializer_range</c>,
    /// or 0.02 if it is missing) for matrices, one for norms, zero for biases, as at the start of pretraining. Such a model knows nothing, so the result of a
    /// tuning method on it comes from the method's own parameters and the architecture. For adapters it is a different base. The default is null: the weights
    /// of the checkpoint.
    /// </summary>
    public ulong? RandomWeights { get; init; }

    /// <summary>Whether to compute everything in fp64, whatever the precision, to check gradients.</summary>
    internal bool Float64 { get; init; }
}
