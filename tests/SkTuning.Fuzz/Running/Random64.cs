namespace SkTuning.Fuzz.Running;

/// <summary>Random numbers that depend on nothing but the seed (SplitMix64): the same on every machine and in every version of .NET.</summary>
internal sealed class Random64(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The numbers of one input: they follow from the seed of the campaign, the reader and the index alone.</summary>
    public static Random64 Of(ulong seed, string reader, int index)
    {
        var hash = 14695981039346656037UL;                                       // FNV-1a
        foreach (var c in reader) hash = (hash ^ c) * 1099511628211;
        var mixed = new Random64(hash ^ (seed * 0x9E3779B97F4A7C15));
        mixed._state ^= mixed.NextBits() + ((ulong)index * 0xD1342543DE82EF95);
        mixed.NextBits();
        return mixed;
    }

    public ulong NextBits()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    public int Next(int below) => below <= 1 ? 0 : (int)((NextBits() >> 11) % (ulong)below);

    public bool OneIn(int times) => Next(times) == 0;

    public T Pick<T>(IReadOnlyList<T> list) => list[Next(list.Count)];
}
