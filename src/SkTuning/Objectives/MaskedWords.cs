using SkTuning.Batches;
using SkTuning.Data;
using SkTuning.Models;
using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Objectives;

/// <summary>
/// The masked-LM loss of the rows of a step: some of their words are masked, and the encoder's own masked-LM head predicts them. Which ones depends on the step
/// and the row alone, not on the other rows of the batch.
/// </summary>
/// <param name="weight">The factor of the loss.</param>
/// <param name="mask">The mask token.</param>
/// <param name="special">The tokens that are never masked.</param>
internal sealed class MaskedWords(double weight, int mask, IReadOnlySet<int> special)
{
    /// <summary>The fraction of a row's words that are masked, as in BERT (arXiv 1810.04805); at least one is.</summary>
    private const double Fraction = 0.15;

    /// <summary>Returns the positions in a row that are masked, in ascending order; none if the row has only special tokens.</summary>
    /// <param name="ids">The tokens of the row.</param>
    /// <param name="seed">The seed of the step.</param>
    public int[] Chosen(ReadOnlySpan<int> ids, long seed)
    {
        var (words, mixed) = (new List<int>(), unchecked((ulong)seed));
        for (var t = 0; t < ids.Length; t++)
        {
            if (!special.Contains(ids[t])) words.Add(t);
            mixed = unchecked((mixed ^ (uint)ids[t]) * 0x100000001B3);           // FNV-1a
        }
        if (words.Count == 0) return [];
        var order = words.ToArray();
        new Shuffler(mixed).Shuffle<int>(order);
        return [.. order.Take(Math.Max(1, (int)Math.Round(Fraction * order.Length))).Order()];
    }

    /// <summary>Returns the loss: the mean over the rows of the mean of -log p over the masked words of each.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="batch">The rows.</param>
    /// <param name="seed">The seed of the step.</param>
    public Tensor Loss(ForwardPass pass, TokenBatch batch, long seed)
    {
        var (rows, width, device) = (batch.Ids.shape[0], batch.Ids.shape[1], batch.Ids.device);
        var (ids, lengths) = (Values(batch.Ids), batch.Mask is null ? null : Values(batch.Mask.sum(1)));
        int[][] chosen = [.. Enumerable.Range(0, (int)rows).Select(r => Chosen(ids.AsSpan(r * (int)width, lengths?[r] ?? (int)width), seed))];
        var most = chosen.Max(c => c.Length);
        if (most == 0) return zeros(1, device: device).sum();
        var (positions, shares) = (new long[rows * most], new float[rows * most]);
        foreach (var (r, own) in chosen.Index())
        {
            // Every place without a word of its own repeats the first position with a share of 0.
            for (var k = 0; k < own.Length; k++) (positions[r * most + k], shares[r * most + k]) = (own[k], 1f / own.Length / rows);
            for (var k = own.Length; k < most; k++) positions[r * most + k] = own.Length > 0 ? own[0] : 0;
        }
        var at = Devices.Send(tensor(positions), device).view(rows, most);
        var right = batch.Ids.gather(1, at);
        var isMasked = Devices.Send(tensor([.. chosen.SelectMany(own => Enumerable.Range(0, (int)width).Select(t => own.Contains(t)))]), device);
        var masked = new TokenBatch(batch.Ids.masked_fill(isMasked.view(rows, width), mask.Kept()), batch.Mask) { TypeIds = batch.TypeIds };
        // Not disposed: the scope owns its tensors.
        var logits = pass.Transformer.MaskedLogits(pass.Run(masked, r => r with { Outputs = at }).Hidden);
        var losses = logits.logsumexp(-1) - logits.gather(-1, right.unsqueeze(-1)).squeeze(-1);
        return (losses * Devices.Send(tensor(shares), device).view(rows, most)).sum() * weight.Kept();

        static int[] Values(Tensor whole) => [.. whole.cpu().contiguous().data<long>().ToArray().Select(v => (int)v)];
    }
}
