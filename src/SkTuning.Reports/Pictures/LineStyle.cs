using System.Globalization;

namespace SkTuning.Reports.Pictures;

/// <summary>How one series looks: eight colours, then the same again dashed, then dotted; behind these it begins anew.</summary>
internal sealed record LineStyle(int Index)
{
    private const int Colors = 8;

    private static readonly string[] Dashes = ["", "7 3", "2 3"];

    /// <summary>How many there are.</summary>
    public static int Count => Colors * Dashes.Length;

    /// <summary>The variable of its colour.</summary>
    public string Variable => $"--s{Index % Colors}";

    /// <summary>Lengths of dash and gap; empty: none.</summary>
    public string Dash => Dashes[Index / Colors % Dashes.Length];

    /// <summary>A colour that tells the style from every other, to draw with.</summary>
    public string StandIn => $"#1234{(Index % Count + 16).ToString("X2", CultureInfo.InvariantCulture)}";

    /// <summary>For a legend.</summary>
    public string Swatch => $"<svg viewBox=\"0 0 30 12\" aria-hidden=\"true\" focusable=\"false\"><path d=\"M1 6H29\" fill=\"none\" stroke-width=\"3\" style=\"stroke:var({Variable})\"{(Dash.Length > 0 ? $" stroke-dasharray=\"{Dash}\"" : "")}/></svg>";
}
