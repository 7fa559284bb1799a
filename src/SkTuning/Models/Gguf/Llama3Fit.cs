namespace SkTuning.Models.Gguf;

/// <summary>
/// The settings of Llama 3's rotary scaling (transformers, _compute_llama3_parameters). Wavelengths below original/high stay, those above original/low are
/// stretched by the factor, and those between are blended. Only original/low and original/high matter: low is 1 if round numbers fit.
/// </summary>
internal sealed record Llama3Fit(float Factor, float LowFrequencyFactor, float HighFrequencyFactor, int OriginalContext)
{
    private const double Tolerance = 2e-5;

    /// <summary>Returns the settings that give these factors, or null if none do.</summary>
    public static Llama3Fit? Fit(float[] factors, double theta, int rotated)
    {
        double Wave(int i) => 2 * Math.PI * Math.Pow(theta, 2.0 * i / rotated);
        var factor = factors.Max();
        if (factor <= 1) return null;                                         // Llama 3 stretches and never shortens
        // The blend of a frequency, from stretched (0) to unchanged (1).
        double Smooth(int i) => (1.0 / factors[i] - 1.0 / factor) / (1 - 1.0 / factor);
        var between = Enumerable.Range(0, factors.Length).Where(i => Smooth(i) is > Tolerance and < 1 - Tolerance).ToArray();
        double high, original;
        if (between.Length >= 2)
        {
            // smooth = (original/wave - 1) / (high - 1): a line in 1/wave.
            var (a, b) = (between[0], between[^1]);
            var slope = (Smooth(a) - Smooth(b)) / (1 / Wave(a) - 1 / Wave(b));
            var offset = Smooth(a) - slope / Wave(a);
            (high, original) = (1 - 1 / offset, -slope / offset);
        }
        else if (between.Length == 1) (high, original) = (4, Wave(between[0]) * (1 + 3 * Smooth(between[0])));
        else
        {
            var unchanged = Enumerable.Range(0, factors.Length).Where(i => Smooth(i) >= 1 - Tolerance).Select(Wave).DefaultIfEmpty(1).Max();
            var stretched = Enumerable.Range(0, factors.Length).Where(i => Smooth(i) <= Tolerance).Select(Wave).Min();
            high = Math.Min(4, Math.Sqrt(Math.Max(1, stretched / unchanged)));
            original = stretched / Math.Sqrt(Math.Max(1, stretched / unchanged / high));
        }
        if (!(high > 1 && original is > 0 and < int.MaxValue)) return null;
        var round = new Llama3Fit(factor, 1, (float)Math.Round(high, 2), (int)Math.Round(original));
        // The original context is a whole number: any large one works, with both factors chosen to match.
        const int large = 1 << 20;
        var exact = new Llama3Fit(factor, (float)(large / original), (float)(high * large / original), large);
        return round.Gives(factors, theta, rotated) ? round : exact.Gives(factors, theta, rotated) ? exact : null;
    }

    private bool Gives(float[] factors, double theta, int rotated)
    {
        if (!(HighFrequencyFactor > LowFrequencyFactor && OriginalContext > 0 && float.IsFinite(HighFrequencyFactor))) return false;
        for (var i = 0; i < factors.Length; i++)
        {
            var wave = 2 * Math.PI * Math.Pow(theta, 2.0 * i / rotated);
            var smooth = Math.Clamp((OriginalContext / wave - LowFrequencyFactor) / (HighFrequencyFactor - LowFrequencyFactor), 0, 1);
            if (Math.Abs(1 / ((1 - smooth) / Factor + smooth) / factors[i] - 1) > Tolerance) return false;
        }
        return true;
    }
}
