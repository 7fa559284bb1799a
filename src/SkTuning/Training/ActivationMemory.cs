using SkTuning.Models;

namespace SkTuning.Training;

/// <summary>
/// What autograd keeps of a step until its backward, in bytes, counted from the model's sizes. Running out of memory on a CPU ends the process, so it is
/// reckoned before. Kept layer by layer: the residual stream twice and what the norms make of it, queries, keys and values (with the prefix in front of them), scores and their
/// softmax, and what the feed-forward computes on its way.
/// </summary>
/// <param name="config">The model.</param>
/// <param name="bytes">Of a value of inner products: 4, or 2 for bf16.</param>
/// <param name="firstLayer">The lowest layer that gradients go through.</param>
/// <param name="prefix">Positions before the text.</param>
internal sealed class ActivationMemory(ModelConfig config, int bytes, int firstLayer, long prefix)
{
    private const int Exact = 4, PerNorm = 3, ScoreCopies = 3, GatedCopies = 4, PlainCopies = 2;

    /// <summary>Computed again in backward: the inputs of the layers, and one layer at a time.</summary>
    public bool Recomputed { get; init; }

    /// <summary>Bytes for one row of so many tokens.</summary>
    public long OfRow(long tokens)
    {
        var layers = Math.Max(config.Layers - firstLayer, 1);
        return Recomputed ? layers * tokens * config.Hidden * Exact + OfLayer(tokens) : layers * OfLayer(tokens);
    }

    private long OfLayer(long tokens)
    {
        var (a, f) = (config.Attention, config.FeedForward);
        long queries = (long)a.Heads * a.HeadSize, pairs = 2L * a.KeyValueHeads * a.HeadSize;
        long keys = prefix + tokens, inner = f.Mixture is { } mixture ? (long)mixture.Taken * mixture.Size : f.Size;
        var residual = tokens * config.Hidden * (2 * Exact + PerNorm * (Exact + bytes));
        var attention = bytes * (tokens * (2 * queries + pairs) + keys * pairs + ScoreCopies * a.Heads * tokens * keys);
        var feedForward = bytes * tokens * inner * (f.Gated ? GatedCopies : PlainCopies);
        return residual + attention + feedForward;
    }
}
