using System.Globalization;

namespace SkTuning.Reports.Pictures;

/// <summary>An axis with its title, range and tick labels. Positions are those of the picture, to which a logarithmic axis maps its values.</summary>
internal sealed record Axis(
    string Title, double Low, double High, IReadOnlyList<(double Place, string Text)> Ticks, bool IsLogarithmic = false, bool IsNames = false)
{
    /// <summary>Returns the position of a value.</summary>
    public double Place(double value) => IsLogarithmic ? Math.Log10(value) : value;

    /// <summary>Returns the axis with padding at both ends, so that dots there are not clipped. An axis of names needs no padding.</summary>
    public Axis Padded() => IsNames ? this : this with { Low = Low - 0.025 * (High - Low), High = High + 0.025 * (High - Low) };

    /// <summary>Creates a linear axis for all values, with ticks at multiples of 1, 2 or 5 times a power of ten.</summary>
    /// <param name="title">The title.</param>
    /// <param name="values">The values, of which those that are not finite are ignored.</param>
    /// <param name="fromZero">Whether to start at 0 if no value is negative.</param>
    public static Axis Linear(string title, IEnumerable<double> values, bool fromZero = false)
    {
        var all = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (fromZero ? Math.Min(0, all.Min()) : all.Min(), all.Max());
        if (high <= low) (low, high) = low == 0 ? (0, 1) : (low - Math.Abs(low) * 0.1, low);
        var step = Step((high - low) / 5);
        var (first, last) = ((long)Math.Floor(low / step + 1e-9), (long)Math.Ceiling(high / step - 1e-9));
        return new(title, Math.Min(low, first * step), Math.Max(high, last * step),
            [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => ((first + i) * step, Number((first + i) * step, step)))]);
    }

    /// <summary>Creates an axis for counts, such as steps: only integers are labeled, and the axis ends at the last one.</summary>
    public static Axis Counted(string title, double last)
    {
        var step = Math.Max(1, Step(last / 5));
        return new(title, 0, Math.Max(1, last),
            [.. Enumerable.Range(0, (int)(Math.Max(1, last) / step) + 1).Select(i => (i * step, Number(i * step, step)))]);
    }

    /// <summary>Creates a logarithmic axis with a margin of a fifth of a decade around the values, which must be greater than 0.</summary>
    public static Axis Logarithmic(string title, IReadOnlyList<double> values)
    {
        var (low, high) = (Math.Log10(values.Min()) - 0.2, Math.Log10(values.Max()) + 0.2);
        var ticks = new List<(double, string)>();
        foreach (var steps in (double[][])[[1], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]])
        {
            ticks =
            [
                .. Enumerable.Range((int)Math.Floor(low), (int)(Math.Ceiling(high) - Math.Floor(low)) + 1)
                    .SelectMany(e => steps.Select(s => s * Math.Pow(10, e)))
                    .Where(v => Math.Log10(v) >= low && Math.Log10(v) <= high)
                    .Select(v => (Math.Log10(v), Number(v, v))),
            ];
            if (ticks.Count >= 3) break;
        }
        return new(title, low, high, ticks, IsLogarithmic: true);
    }

    /// <summary>Creates an axis with the names at positions 0, 1, 2…</summary>
    public static Axis Names(string title, IReadOnlyList<string> names, int maxLength = 18)
        => new(title, -0.5, names.Count - 0.5, [.. names.Select((n, i) => ((double)i, Short(n, maxLength)))], IsNames: true);

    /// <summary>Shortens a name. Both ends are kept because similar names often start alike.</summary>
    public static string Short(string name, int maxLength)
        => name.Length <= maxLength ? name : $"{name[..(maxLength / 2)]}…{name[^(maxLength - maxLength / 2 - 1)..]}";

    /// <summary>Returns the smallest 1, 2 or 5 times a power of ten that is not less than the minimum.</summary>
    private static double Step(double min)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(min)));
        return (min / power) switch { <= 1.0000001 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
    }

    private static string Number(double value, double step)
    {
        var size = Math.Abs(value);
        if (size < step * 1e-6) return "0";
        if (size >= 1e6) return (value / 1e6).ToString("0.##", CultureInfo.InvariantCulture) + "M";
        if (size >= 1e4) return (value / 1e3).ToString("0.##", CultureInfo.InvariantCulture) + "k";
        if (step < 1e-4) return value.ToString("0.#e0", CultureInfo.InvariantCulture);
        return value.ToString("0.######", CultureInfo.InvariantCulture);
    }
}
