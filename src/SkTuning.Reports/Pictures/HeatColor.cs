using System.Globalization;

namespace SkTuning.Reports.Pictures;

/// <summary>The colours of a heat map, the same on a light and a dark page: from nearly white to dark blue, with black or white figures, whichever is read better.</summary>
internal static class HeatColor
{
    private static readonly (int R, int G, int B) Least = (0xF3, 0xF7, 0xFC), Most = (0x10, 0x3C, 0x70);

    /// <param name="share">0 to 1.</param>
    public static string Fill(double share)
    {
        var s = Math.Clamp(share, 0, 1);
        return $"#{Part(Least.R, Most.R)}{Part(Least.G, Most.G)}{Part(Least.B, Most.B)}";

        string Part(int from, int to) => ((int)Math.Round(from + s * (to - from))).ToString("X2", CultureInfo.InvariantCulture);
    }

    /// <summary>Black or white on a colour.</summary>
    public static string Ink(string fill) => Contrast(fill, "#000000") >= Contrast(fill, "#FFFFFF") ? "#000000" : "#FFFFFF";

    /// <summary>The contrast of two colours as WCAG 2 has it, 1 to 21.</summary>
    public static double Contrast(string one, string two)
    {
        var (a, b) = (Luminance(one), Luminance(two));
        return (Math.Max(a, b) + 0.05) / (Math.Min(a, b) + 0.05);
    }

    private static double Luminance(string color)
    {
        return 0.2126 * Channel(1) + 0.7152 * Channel(3) + 0.0722 * Channel(5);

        double Channel(int at)
        {
            var c = int.Parse(color.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return c <= 0.03928 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
        }
    }
}
