using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The dtype of what is kept exact: norms, the residual stream, what is trained.</summary>
internal static class ExactTensors
{
    /// <summary>In fp32; a tensor in fp64 stays as it is, so that gradients can be checked in fp64. It may be the same tensor.</summary>
    public static Tensor Exact(this Tensor tensor) => tensor.dtype == ScalarType.Float64 ? tensor : tensor.to_type(ScalarType.Float32);
}
