using SkTuning.Data;

namespace SkTuning.Diagnostics;

/// <summary>Draws a number of items from a stream of any length: each item of the stream is kept with the same probability.</summary>
/// <param name="capacity">The maximum number of items that are kept.</param>
/// <param name="random">The random numbers.</param>
internal sealed class Reservoir<T>(int capacity, Shuffler random)
{
    private readonly List<(long Number, T Item)> _kept = [];

    /// <summary>Gets the number of items that were offered.</summary>
    public long Offered { get; private set; }

    /// <summary>Offers the next item of the stream.</summary>
    /// <param name="number">The number of the item, by which the kept ones are ordered.</param>
    /// <param name="item">The item.</param>
    public void Offer(long number, T item)
    {
        Offered++;
        if (_kept.Count < capacity) _kept.Add((number, item));
        else if (random.Next((int)Math.Min(Offered, int.MaxValue)) is var place && place < capacity) _kept[place] = (number, item);
    }

    /// <summary>Returns the items that are kept, in the order of the stream.</summary>
    public IReadOnlyList<(long Number, T Item)> Kept() => [.. _kept.OrderBy(k => k.Number)];
}
