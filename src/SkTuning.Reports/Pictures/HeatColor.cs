using System.Globalization;

namespace SkTuning.Reports.Pictures;

/// <summary>The colors of a heat map, from nearly white to dark blue in both themes, with black or white text, whichever has more contrast.</summary>
internal static class HeatColor
{
    private static readonly (int R, int G, int B) Lightest = (0xF3, 0xF7, 0xFC), Darkest = (0x10, 0x3C, 0x70);

    /// <summary>Returns the color of a cell.</summary>
    /// <param name="share">The darkness, from 0 to 1.</param>
    public static string Fill(double share)
    {
        var s = Math.Clamp(share, 0, 1);
        return $"#{Part(Lightest.R, Darkest.R)}{Part(Lightest.G, Darkest.G)}{Part(Lightest.B, Darkest.B)}";

        string Part(int from, int to) => ((int)Math.Round(from + s * (to - from))).ToString("X2", CultureInfo.InvariantCulture);
    }

    /// <summary>Returns the text color for a cell color: black or white.</summary>
    public static string Ink(string fill) => Contrast(fill, "#000000") >= Contrast(fill, "#FFFFFF") ? "#000000" : "#FFFFFF";

    /// <summary>Returns the contrast ratio of two colors as defined by WCAG 2, from 1 to 21.</summary>
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
