using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The product with a quantized weight, for autograd. Only the owner of the blocks is saved; backward expands the blocks again.</summary>
internal sealed class ExpandedProduct : autograd.SingleTensorFunction<ExpandedProduct>
{
    private const string Matrix = "matrix", Failure = "failure";

    // libtorch takes its own reference to the tensor that backward returns, but only after backward has returned.
    [ThreadStatic] private static Tensor? _returned;

    public override string Name => nameof(ExpandedProduct);

    /// <param name="ctx">The context that is passed to backward.</param>
    /// <param name="vars">x, the bias or null, and the matrix.</param>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var matrix = (QuantizedMatrix)vars[2];
        ctx.save_data(Matrix, matrix);
        ctx.save_data(Failure, BackwardFailure.Here);
        // An undefined gradient stays undefined: the zeros in its place would be made after the owner of the shape is gone.
        ctx.set_materialize_grads(false);
        return matrix.Forward((Tensor)vars[0], (Tensor?)vars[1]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        _returned?.Dispose();
        _returned = null;
        // Nothing else owns the incoming gradient: without this it would live until the end of the step.
        using (grad_output)
        {
            if (!grad_output.IsInvalid) _returned = ((QuantizedMatrix)ctx.get_data(Matrix)!).Backward(grad_output, (BackwardFailure)ctx.get_data(Failure)!);
        }
        return [_returned!, null!, null!];
    }
}
