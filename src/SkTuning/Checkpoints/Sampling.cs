namespace SkTuning.Checkpoints;

/// <summary>Samples a few bytes of many, for a fingerprint.</summary>
internal static unsafe class Sampling
{
    private const int Piece = 16;

    /// <summary>Returns <paramref name="samples"/> evenly spaced pieces of 16 bytes, or all bytes if there are not more.</summary>
    public static byte[] Take(byte* from, long bytes, int samples)
    {
        if (bytes <= (long)samples * Piece) return new ReadOnlySpan<byte>(from, (int)bytes).ToArray();
        var sample = new byte[samples * Piece];
        for (var i = 0; i < samples; i++)
            new ReadOnlySpan<byte>(from + (samples == 1 ? 0 : (long)((Int128)(bytes - Piece) * i / (samples - 1))), Piece).CopyTo(sample.AsSpan(i * Piece));
        return sample;
    }
}
