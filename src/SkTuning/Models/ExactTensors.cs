using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The dtype of values that stay exact: norms, the residual stream, trained parameters.</summary>
internal static class ExactTensors
{
    /// <summary>
    /// Returns the tensor in fp32. A tensor in fp64 is returned unchanged, so that gradients can be checked in fp64. The result may be the same tensor.
    /// </summary>
    public static Tensor Exact(this Tensor tensor) => tensor.dtype == ScalarType.Float64 ? tensor : tensor.to_type(ScalarType.Float32);
}
