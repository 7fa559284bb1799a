using System.Globalization;

namespace SkTuning.Reports.Pictures;

/// <summary>The style of a series: eight colors with solid lines, then the same colors dashed, then dotted. Further styles repeat.</summary>
internal sealed record LineStyle(int Index)
{
    private const int Colors = 8;

    private static readonly string[] Dashes = ["", "7 3", "2 3"];

    /// <summary>The number of different styles.</summary>
    public static int Count => Colors * Dashes.Length;

    /// <summary>The CSS variable of the color.</summary>
    public string Variable => $"--s{Index % Colors}";

    /// <summary>The lengths of dash and gap; empty for solid lines.</summary>
    public string Dash => Dashes[Index / Colors % Dashes.Length];

    /// <summary>The unique placeholder color to draw with.</summary>
    public string Placeholder => $"#1234{(Index % Count + 16).ToString("X2", CultureInfo.InvariantCulture)}";

    /// <summary>A sample for a legend, as SVG.</summary>
    public string Swatch => "<svg viewBox=\"0 0 30 12\" aria-hidden=\"true\" focusable=\"false\"><path d=\"M1 6H29\" fill=\"none\" stroke-width=\"3\" " +
        $"style=\"stroke:var({Variable})\"{(Dash.Length > 0 ? $" stroke-dasharray=\"{Dash}\"" : "")}/></svg>";
}
