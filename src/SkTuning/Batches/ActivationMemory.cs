using SkTuning.Models;

namespace SkTuning.Batches;

/// <summary>
/// Estimates what autograd keeps of a step until its backward pass, in bytes, from the sizes of the model: on a CPU, a process that runs out of memory is
/// ended. Each layer keeps the residual stream twice and the output of its norms, queries, keys and values (with the prefix before them), scores and their
/// softmax, and the intermediate values of the feed-forward network.
/// </summary>
/// <param name="config">The model.</param>
/// <param name="bytes">The size of a value in matrix products: 4, or 2 for bf16.</param>
/// <param name="firstLayer">The lowest layer that gradients pass through.</param>
/// <param name="prefix">The number of positions before the text.</param>
internal sealed class ActivationMemory(ModelConfig config, int bytes, int firstLayer, long prefix)
{
    private const int Fp32 = 4, PerNorm = 3, ScoreCopies = 3, GatedCopies = 4, PlainCopies = 2;

    /// <summary>Layers are recomputed in the backward pass: only their inputs are kept, and one layer at a time.</summary>
    public bool Recomputed { get; init; }

    /// <summary>Returns the bytes for one row with this many tokens.</summary>
    public long OfRow(long tokens)
    {
        var layers = Math.Max(config.Layers - firstLayer, 1);
        return Recomputed ? layers * tokens * config.Hidden * Fp32 + OfLayer(tokens) : layers * OfLayer(tokens);
    }

    /// <summary>Returns the bytes for one row in a pass without gradients, which keeps the residual stream and the values of one layer.</summary>
    public long OfForward(long tokens) => 2 * tokens * config.Hidden * Fp32 + OfLayer(tokens);

    private long OfLayer(long tokens)
    {
        var (a, f) = (config.Attention, config.FeedForward);
        long queries = (long)a.Heads * a.HeadSize, pairs = 2L * a.KeyValueHeads * a.HeadSize;
        long keys = prefix + tokens, inner = f.Mixture is { } mixture ? (long)mixture.Taken * mixture.Size : f.Size;
        var residual = tokens * config.Hidden * (2 * Fp32 + PerNorm * (Fp32 + bytes));
        var attention = bytes * (tokens * (2 * queries + pairs) + keys * pairs + ScoreCopies * a.Heads * tokens * keys);
        var feedForward = bytes * tokens * inner * (f.Gated ? GatedCopies : PlainCopies);
        return residual + attention + feedForward;
    }
}
