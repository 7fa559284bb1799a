using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// A layer of which autograd keeps only the inputs: the backward pass runs the layer again and differentiates that run (arXiv 1604.06174). Dropout drops the
/// same values again.
/// </summary>
internal sealed class RecomputedLayer : autograd.SingleTensorFunction<RecomputedLayer>
{
    private const string Kept = "run";

    // libtorch takes its own references to the tensors that backward returns, but only after backward has returned.
    [ThreadStatic] private static List<Tensor?>? _returned;

    /// <param name="Layer">The layer.</param>
    /// <param name="Context">The context of the run. Its tensors are gone by the backward pass and only mark where the saved ones belong.</param>
    /// <param name="RandomState">The state of the random number generator before the run; null if nothing is random.</param>
    /// <param name="Seed">The seed of the GPU's generator before the run.</param>
    /// <param name="Failure">Records an error in the backward pass.</param>
    private sealed record Run(TransformerLayer Layer, LayerContext Context, Tensor? RandomState, long? Seed, BackwardFailure Failure);

    public override string Name => nameof(RecomputedLayer);

    /// <summary>Returns the output of the layer, [B,N,D]. Its own keys and values are not kept.</summary>
    public static Tensor Forward(TransformerLayer layer, Tensor x, LayerContext context, long? seed)
    {
        var tensors = new List<Tensor> { x };
        context.Copied(t => { tensors.Add(t); return t; });
        if (!is_grad_enabled() || !tensors.Any(t => t.requires_grad)) return layer.Forward(x, context, out _);
        return apply([new Run(layer, context, context.HasDropout && seed is null ? get_rng_state() : null, seed, BackwardFailure.Here), .. tensors]);
    }

    /// <param name="ctx">The context that is passed to backward.</param>
    /// <param name="vars">The run, x, and the tensors of the layer's context in their order.</param>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (run, tensors) = ((Run)vars[0], vars[1..].Cast<Tensor>().ToList());
        ctx.save_data(Kept, run);
        ctx.save_for_backward(run.RandomState is null ? tensors : [.. tensors, run.RandomState]);
        ctx.set_materialize_grads(false);
        return run.Layer.Forward(tensors[0], run.Context, out _);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        foreach (var tensor in _returned ?? []) tensor?.Dispose();
        var run = (Run)ctx.get_data(Kept)!;
        using var scope = NewDisposeScope();
        using (grad_output)
        {
            var saved = ctx.get_saved_variables();
            var random = run.RandomState is null ? null : saved[^1];
            if (random is not null) saved.RemoveAt(saved.Count - 1);
            _returned = grad_output.IsInvalid ? [.. saved.Select(_ => (Tensor?)null)] : run.Failure.During(() => Gradients(run, saved, random, grad_output));
        }
        return [null!, .. _returned.Select(t => t!)];
    }

    /// <summary>Returns the gradient of each saved tensor, or null, outside any dispose scope.</summary>
    private static List<Tensor?> Gradients(Run run, List<Tensor> saved, Tensor? random, Tensor gradient)
    {
        try
        {
            using var on = enable_grad();
            using var scope = NewDisposeScope();                        // frees everything if the run fails
            var leaves = saved.Select(t => t.detach().requires_grad_(t.requires_grad)).ToList();
            var next = 1;
            var context = run.Context.Copied(_ => leaves[next++]);
            Tensor output;
            using (var now = random is null ? null : get_rng_state())
            using (NewDisposeScope())                                   // frees everything that autograd does not keep before backward
            using (PassThreads.For(context.Operations))                 // with the threads of the first run, whose last digits it has
            {
                if (random is not null) set_rng_state(random);
                if (run.Seed is { } seed) cuda.manual_seed_all(seed);
                output = run.Layer.Forward(leaves[0], context, out _).MoveToOuterDisposeScope();
                if (now is not null) set_rng_state(now);
            }
            if (output.requires_grad) output.backward([gradient], false, false, null);
            return [.. leaves.Select(l => l.requires_grad ? l.grad?.DetachFromDisposeScope() : null)];
        }
        catch (Exception e)
        {
            run.Failure.Note("A layer could not be recomputed", e);
            return [.. saved.Select(t => t.requires_grad ? BackwardFailure.NotNumbers(t.shape, t) : null)];
        }
    }
}
