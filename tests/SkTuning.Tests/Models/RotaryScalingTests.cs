using SkTuning.Models;

namespace SkTuning.Tests.Models;

/// <summary>The frequencies of stretched contexts, by hand.</summary>
public sealed class RotaryScalingTests
{
    /// <summary>
    /// With a base of 1e6 and 128 values, 32 turns within 32,768 tokens are made at 128 · ln(32768 / 64π) / (2 ln 1e6) = 23.6, and one at 39.7. Up to 23, YaRN
    /// (arXiv 2309.00071) changes nothing, from 40 on it divides by the factor, and between them it mixes both.
    /// </summary>
    [Fact]
    public void Yarn_changes_the_frequencies_that_turn_less_than_once()
    {
        var rotary = new RotaryTrait { Size = 128, Theta = 1e6 };
        var (plain, (scaled, attention)) = (rotary.Plain(), new YarnScaling(4, 1.25, 32, 1, Truncate: true, 32768).Frequencies(rotary, 100_000));
        Assert.Equal((64, 1.25), (scaled.Length, attention));
        for (var i = 0; i < 64; i++)
        {
            var divided = Math.Clamp((i - 23) / 17.0, 0, 1);
            Assert.Equal(Math.Pow(1e6, -i / 64.0), plain[i], 1e-12);
            Assert.Equal(plain[i] * (divided / 4 + 1 - divided), scaled[i], 1e-12);
        }
        // Without rounding, the borders are 23.596 and 39.650.
        var exact = new YarnScaling(4, 1, 32, 1, Truncate: false, 32768).Frequencies(rotary, 100_000).Item1;
        var middle = (24 - 23.596) / (39.650 - 23.596);
        Assert.Equal(plain[24] * (middle / 4 + 1 - middle), exact[24], 1e-5 * plain[24]);
        Assert.Equal(plain[40] / 4, exact[40], 1e-12);
    }
}
