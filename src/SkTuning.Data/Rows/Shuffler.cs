namespace SkTuning.Data;

/// <summary>
/// The library's own random numbers: xoshiro256** (Blackman and Vigna, 2018), with the state initialized from the seed by splitmix64. A run records its seed,
/// so the sequence of a seed never changes between versions; System.Random does not guarantee this. Integers, <see cref="NextDouble"/>, and shuffles are the
/// same everywhere; <see cref="NextGaussian"/> uses the platform's logarithm and can differ in its last bit.
/// </summary>
internal sealed class Shuffler
{
    private ulong _a, _b, _c, _d;

    public Shuffler(ulong seed)
    {
        (_a, _b, _c, _d) = (Mix(), Mix(), Mix(), Mix());

        ulong Mix()   // splitmix64
        {
            var z = seed += 0x9E3779B97F4A7C15;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    /// <summary>The complete state, 4 numbers. Setting it continues the sequence of another shuffler.</summary>
    public ulong[] State
    {
        get => [_a, _b, _c, _d];
        set
        {
            if (value is not { Length: 4 } || value.All(v => v == 0))
                throw new SkTuningException("The state of a shuffler must be 4 numbers that are not all 0.");
            (_a, _b, _c, _d) = (value[0], value[1], value[2], value[3]);
        }
    }

    public ulong NextBits()
    {
        var result = ulong.RotateLeft(_b * 5, 7) * 9;
        var shifted = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= shifted;
        _d = ulong.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>A uniform integer from 0 to bound-1 (Lemire 2019: the few products that would introduce a bias are drawn again).</summary>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var range = (ulong)bound;
        var high = Math.BigMul(NextBits(), range, out var low);
        if (low < range)
            for (var unfair = (0 - range) % range; low < unfair;) high = Math.BigMul(NextBits(), range, out low);
        return (int)high;
    }

    /// <summary>A uniform number from 0 (inclusive) to 1 (exclusive), in steps of 2^-53.</summary>
    public double NextDouble() => (NextBits() >> 11) * (1.0 / (1L << 53));

    /// <summary>
    /// A normally distributed number with mean 0 and variance 1 (Marsaglia's polar method; the second number of each pair is discarded, so that
    /// <see cref="State"/> is the complete state).
    /// </summary>
    public float NextGaussian()
    {
        while (true)
        {
            var (x, y) = (2 * NextDouble() - 1, 2 * NextDouble() - 1);
            var square = x * x + y * y;
            if (square is > 0 and < 1) return (float)(x * Math.Sqrt(-2 * Math.Log(square) / square));
        }
    }

    /// <summary>Shuffles the items (Fisher and Yates): every order is equally likely.</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var i = items.Length - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
