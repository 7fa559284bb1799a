using System.Globalization;

namespace SkTuning.Reports.Formatting;

/// <summary>Formats numbers for people: with a decimal point, thousands separators, and a dash for missing values.</summary>
internal static class Show
{
    public const string None = "–";

    public static string Number(double value, string format = "0.####") => double.IsFinite(value) ? value.ToString(format, CultureInfo.InvariantCulture) : None;

    public static string Three(double value) => Number(value, "F3");

    public static string Percent(double fraction) => double.IsFinite(fraction) ? (100 * fraction).ToString("F1", CultureInfo.InvariantCulture) + "%" : None;

    public static string Whole(double value) => double.IsFinite(value) ? value.ToString("N0", CultureInfo.InvariantCulture) : None;

    /// <summary>Formats a count with its noun: 1 row, 2 rows, 1 class, 2 classes.</summary>
    public static string Count(double count, string of) => $"{Whole(count)} {of}{(count == 1 ? "" : of.EndsWith('s') ? "es" : "s")}";

    /// <summary>Formats a duration in seconds, minutes or hours.</summary>
    public static string Time(double seconds) => seconds switch
    {
        double.NaN => None,
        < 120 => Number(seconds, "0.#") + " s",
        < 7200 => Number(seconds / 60, "0.#") + " min",
        _ => Number(seconds / 3600, "0.#") + " h",
    };
}
