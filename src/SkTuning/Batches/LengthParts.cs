namespace SkTuning.Batches;

/// <summary>
/// Splits the rows of a step into parts of similar length, whose gradients are summed. A batch with every class in it has rows of all lengths, and half of its
/// tokens are padding.
/// </summary>
internal static class LengthParts
{
    /// <summary>What a further pass costs besides its tokens, in tokens.</summary>
    private const int PassCost = 128;

    /// <summary>Returns the parts with the lowest total cost, shortest rows first.</summary>
    /// <param name="rows">The rows of a step.</param>
    /// <param name="mostRows">The maximum number of rows of a part.</param>
    public static IReadOnlyList<EncodedRow[]> Of(IReadOnlyList<EncodedRow> rows, int mostRows)
    {
        var sorted = rows.Select(r => (Row: r, r.Sequences.Count, Width: r.Sequences.Max(s => s.Ids.Length))).OrderBy(r => r.Width).ToArray();
        // least[n] is the lowest cost of the n shortest rows, start[n] where the last of their parts begins.
        var (least, start) = (new long[sorted.Length + 1], new int[sorted.Length + 1]);
        for (var end = 1; end <= sorted.Length; end++)
        {
            least[end] = long.MaxValue;
            var sequences = 0L;
            for (var first = end - 1; first >= Math.Max(0, end - mostRows); first--)
            {
                sequences += sorted[first].Count;
                var cost = least[first] + PassCost + sequences * sorted[end - 1].Width;
                if (cost < least[end]) (least[end], start[end]) = (cost, first);
            }
        }
        var parts = new List<EncodedRow[]>();
        for (var end = sorted.Length; end > 0; end = start[end]) parts.Add([.. sorted[start[end]..end].Select(r => r.Row)]);
        parts.Reverse();
        return parts;
    }
}
