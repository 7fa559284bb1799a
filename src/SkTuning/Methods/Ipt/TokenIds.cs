using SkTuning.Native;
using static TorchSharp.torch;

namespace SkTuning.Methods.Ipt;

/// <summary>Arithmetic with token ids that gives the same in every run and on every device.</summary>
internal static class TokenIds
{
    /// <summary>A prime below which a product of two numbers fits into int64.</summary>
    private const long Prime = int.MaxValue;

    private const long Factor = 506_952_113;

    /// <summary>Returns a row of a table for each id, from 0 to <paramref name="rows"/> - 1.</summary>
    public static Tensor Hashed(Tensor ids, int rows) => (ids * Factor.Kept()).remainder(Prime.Kept()).remainder(rows.Kept());

    /// <summary>
    /// Moves all ids of a row through the vocabulary by the same distance, which follows from the ids of the row and their order and is never 0.
    /// </summary>
    /// <param name="ids">[B,T].</param>
    /// <param name="real">1 for the tokens of the row and 0 for others, [B,T].</param>
    /// <param name="vocabulary">The number of ids.</param>
    public static Tensor Moved(Tensor ids, Tensor real, int vocabulary)
    {
        using var scope = NewDisposeScope();
        var positions = Numbers.Range(1, ids.shape[1] + 1, ids.device) * Factor.Kept();
        var mixed = ids.Plus(positions).remainder(Prime.Kept());
        var sums = ((mixed * mixed).remainder(Prime.Kept()) * real).sum(1, keepdim: true);
        var distances = sums.remainder(Math.Max(1L, vocabulary - 1L).Kept()).Plus(1.Kept());
        return ids.Plus(distances).remainder(vocabulary.Kept()).MoveToOuterDisposeScope();
    }
}
