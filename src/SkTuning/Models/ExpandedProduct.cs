using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>The product with a quantised weight, for autograd: nothing is saved but the blocks' owner, and backward expands them once more.</summary>
internal sealed class ExpandedProduct : autograd.SingleTensorFunction<ExpandedProduct>
{
    private const string Matrix = "matrix", Failure = "failure";

    // libtorch takes a reference of its own to what backward returns, but only after it has returned.
    [ThreadStatic] private static Tensor? _returned;

    public override string Name => nameof(ExpandedProduct);

    /// <param name="ctx">What backward is given.</param>
    /// <param name="vars">x, bias or null, the matrix.</param>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var matrix = (QuantizedMatrix)vars[2];
        ctx.save_data(Matrix, matrix);
        ctx.save_data(Failure, BackwardFailure.Here);
        // An undefined gradient stays one: the zeros in its place would be made after the shape's owner is gone.
        ctx.set_materialize_grads(false);
        return matrix.Forward((Tensor)vars[0], (Tensor?)vars[1]);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        _returned?.Dispose();
        _returned = null;
        // What is saved and what comes in belongs to no one else: without this it would live until the end of the step.
        using (grad_output)
        {
            if (!grad_output.IsInvalid) _returned = ((QuantizedMatrix)ctx.get_data(Matrix)!).Backward(grad_output, (BackwardFailure)ctx.get_data(Failure)!);
        }
        return [_returned!, null!, null!];
    }
}
