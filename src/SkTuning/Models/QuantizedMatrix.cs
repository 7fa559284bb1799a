using SkTuning.Checkpoints.Gguf;
using SkTuning.Native;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace SkTuning.Models;

/// <summary>
/// A matrix that stays in the quantized blocks of its file. The blocks are expanded for each product, in forward and again in backward, at most
/// <see cref="MaxBytes"/> at a time, so no expanded copy outlives its product.
/// </summary>
/// <param name="blocks">The blocks, which this matrix owns from now on.</param>
/// <param name="buffers">The memory for expanded blocks.</param>
/// <param name="dtype">The dtype of expanded rows; products use the dtype of their input.</param>
internal sealed class QuantizedMatrix(QuantizedTensor blocks, ExpansionBuffers buffers, ScalarType dtype) : FrozenMatrix
{
    /// <summary>The maximum number of expanded bytes at a time. This mainly splits the LM head of a large vocabulary into pieces.</summary>
    internal const long MaxBytes = 64 << 20;

    /// <summary>The size of the blocks in bytes.</summary>
    public long Bytes => blocks.Bytes;

    private long Outputs => blocks.Shape[0];

    public override Tensor Product(Tensor x, Tensor? bias)
    {
        if (x.requires_grad && is_grad_enabled()) return ExpandedProduct.apply(x, bias!, this);
        using var off = no_grad();
        return Forward(x, bias);
    }

    public override Tensor Rows(Tensor ids)
    {
        using var here = ids.cpu();
        using var rows = blocks.DequantizeRows(here.data<long>().ToArray(), dtype);
        return rows.to(ids.device, copy: true);
    }

    public override PlainMatrix Sliced(Tensor units, int dimension)
    {
        if (dimension == 0) return new(Rows(units).DetachFromDisposeScope());
        using var all = Numbers.Range(0, Outputs, units.device);
        using var rows = Rows(all);
        return new(PlainMatrix.Slice(rows, units, 1));
    }

    /// <summary>Returns the product without an autograd graph.</summary>
    internal Tensor Forward(Tensor x, Tensor? bias)
    {
        var pieces = new List<Tensor>();
        foreach (var (first, count) in Pieces(x.dtype))
        {
            using var weight = Expand(first, count, x);
            using var part = bias?.narrow(0, first, count);
            pieces.Add(F.linear(x, weight, part));
        }
        if (pieces.Count == 1) return pieces[0];
        var whole = cat(pieces, -1);
        pieces.ForEach(p => p.Dispose());
        return whole;
    }

    /// <summary>
    /// Returns the gradient with respect to x, [.., in], from the gradient with respect to the product, [.., out]. libtorch calls this, so it must not throw
    /// and has no dispose scope to rely on.
    /// </summary>
    internal Tensor Backward(Tensor gradient, BackwardFailure failure)
    {
        long[] shape = [.. gradient.shape[..^1], blocks.RowLength];
        try
        {
            using var off = no_grad();
            using var flat = gradient.reshape(-1, Outputs);
            Tensor? sum = null;
            foreach (var (first, count) in Pieces(gradient.dtype))
            {
                using var weight = Expand(first, count, gradient);
                using var part = flat.narrow(1, first, count);
                var product = part.mm(weight);
                if (sum is null) { sum = product; continue; }
                using (product) sum.Plus_(product);
            }
            using (sum) return sum!.view(shape);
        }
        catch (Exception e)
        {
            failure.Note($"{blocks.Name}: its blocks could not be expanded", e);
            return BackwardFailure.NotNumbers(shape, gradient)!;
        }
    }

    private IEnumerable<(long First, long Count)> Pieces(ScalarType type)
    {
        var max = Math.Max(1, MaxBytes / (blocks.RowLength * (type == ScalarType.Float32 ? 4 : 2)));
        for (long first = 0; first < Outputs; first += max) yield return (first, Math.Min(max, Outputs - first));
    }

    private Tensor Expand(long first, long count, Tensor like)
    {
        var weight = buffers.Expand(blocks, first, count, like.dtype);
        if (like.device.type == TorchSharp.DeviceType.CPU) return weight;
        using (weight) return weight.to(like.device);
    }

    public override void Dispose() => blocks.Dispose();
}
