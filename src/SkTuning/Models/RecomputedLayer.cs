using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Models;

/// <summary>
/// A layer of which autograd keeps the inputs alone: backward runs it once more and goes back through that (arXiv 1604.06174). What was left out at random is left out again.
/// </summary>
internal sealed class RecomputedLayer : autograd.SingleTensorFunction<RecomputedLayer>
{
    private const string Kept = "run";

    // libtorch takes references of its own to what backward returns, but only after it has returned.
    [ThreadStatic] private static List<Tensor?>? _returned;

    /// <param name="Layer">The layer.</param>
    /// <param name="Context">What it saw; its tensors, gone by the time of backward, tell the places of those that were saved.</param>
    /// <param name="RandomState">Of the generator before it ran; null where nothing is random.</param>
    /// <param name="Seed">That a GPU's generator had before it ran.</param>
    /// <param name="Failure">Where an error in backward is noted.</param>
    private sealed record Run(TransformerLayer Layer, LayerContext Context, Tensor? RandomState, long? Seed, BackwardFailure Failure);

    public override string Name => nameof(RecomputedLayer);

    /// <summary>The layer's output [B,N,D], its own keys and values not among what is kept.</summary>
    public static Tensor Forward(TransformerLayer layer, Tensor x, LayerContext context, long? seed)
    {
        var tensors = new List<Tensor> { x };
        context.Copied(t => { tensors.Add(t); return t; });
        if (!is_grad_enabled() || !tensors.Any(t => t.requires_grad)) return layer.Forward(x, context, out _);
        return apply([new Run(layer, context, context.HasDropout && seed is null ? get_rng_state() : null, seed, BackwardFailure.Here), .. tensors]);
    }

    /// <param name="ctx">What backward is given.</param>
    /// <param name="vars">The run, x, and the context's tensors in their order.</param>
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

    /// <summary>One for each saved tensor that has one, outside of any dispose scope.</summary>
    private static List<Tensor?> Gradients(Run run, List<Tensor> saved, Tensor? random, Tensor gradient)
    {
        try
        {
            using var on = enable_grad();
            using var scope = NewDisposeScope();                        // when it fails, nothing of it stays
            var leaves = saved.Select(t => t.detach().requires_grad_(t.requires_grad)).ToList();
            var next = 1;
            var context = run.Context.Copied(_ => leaves[next++]);
            Tensor output;
            using (var now = random is null ? null : get_rng_state())
            using (NewDisposeScope())                                   // what autograd does not keep is let go before backward
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
            run.Failure.Note("A layer could not be computed again", e);
            return [.. saved.Select(t => t.requires_grad ? BackwardFailure.NotNumbers(t.shape, t) : null)];
        }
    }
}
