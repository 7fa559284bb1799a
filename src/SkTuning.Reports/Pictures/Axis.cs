using System.Globalization;

namespace SkTuning.Reports.Pictures;

/// <summary>An axis: what it shows, from where to where, and where it is labelled. Places are those of the picture: a logarithmic axis maps values to them.</summary>
internal sealed record Axis(string Title, double Low, double High, IReadOnlyList<(double Place, string Text)> Ticks, bool IsLogarithmic = false, bool IsNames = false)
{
    /// <summary>Where a value lies.</summary>
    public double Place(double value) => IsLogarithmic ? Math.Log10(value) : value;

    /// <summary>With room at both ends, so that a dot there is whole; names have it already.</summary>
    public Axis Padded() => IsNames ? this : this with { Low = Low - 0.025 * (High - Low), High = High + 0.025 * (High - Low) };

    /// <summary>Even steps of 1, 2 or 5 that hold all values.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="values">What must be on it; what is not finite is left out.</param>
    /// <param name="fromZero">Begin at 0 where no value is below.</param>
    public static Axis Linear(string title, IEnumerable<double> values, bool fromZero = false)
    {
        var all = values.Where(double.IsFinite).DefaultIfEmpty(0).ToList();
        var (low, high) = (fromZero ? Math.Min(0, all.Min()) : all.Min(), all.Max());
        if (high <= low) (low, high) = low == 0 ? (0, 1) : (low - Math.Abs(low) * 0.1, low);
        var step = Step((high - low) / 5);
        var (first, last) = ((long)Math.Floor(low / step + 1e-9), (long)Math.Ceiling(high / step - 1e-9));
        return new(title, Math.Min(low, first * step), Math.Max(high, last * step), [.. Enumerable.Range(0, (int)(last - first) + 1).Select(i => ((first + i) * step, Number((first + i) * step, step)))]);
    }

    /// <summary>Counted things, such as steps: whole numbers alone are labelled, and the axis ends where they do.</summary>
    public static Axis Counted(string title, double last)
    {
        var step = Math.Max(1, Step(last / 5));
        return new(title, 0, Math.Max(1, last), [.. Enumerable.Range(0, (int)(Math.Max(1, last) / step) + 1).Select(i => (i * step, Number(i * step, step)))]);
    }

    /// <summary>Powers of ten, with a fifth of a decade around the values; these are greater than 0.</summary>
    public static Axis Logarithmic(string title, IReadOnlyList<double> values)
    {
        var (low, high) = (Math.Log10(values.Min()) - 0.2, Math.Log10(values.Max()) + 0.2);
        var ticks = new List<(double, string)>();
        foreach (var steps in (double[][])[[1], [1, 2, 5], [1, 1.5, 2, 3, 4, 5, 6, 8]])
        {
            ticks = [.. Enumerable.Range((int)Math.Floor(low), (int)(Math.Ceiling(high) - Math.Floor(low)) + 1).SelectMany(e => steps.Select(s => s * Math.Pow(10, e)))
                .Where(v => Math.Log10(v) >= low && Math.Log10(v) <= high).Select(v => (Math.Log10(v), Number(v, v)))];
            if (ticks.Count >= 3) break;
        }
        return new(title, low, high, ticks, IsLogarithmic: true);
    }

    /// <summary>A place for each name: 0, 1, 2…</summary>
    public static Axis Names(string title, IReadOnlyList<string> names, int longest = 18)
        => new(title, -0.5, names.Count - 0.5, [.. names.Select((n, i) => ((double)i, Short(n, longest)))], IsNames: true);

    /// <summary>A name that has to fit: names of one kind often begin alike, so its end is kept too.</summary>
    public static string Short(string name, int longest) => name.Length <= longest ? name : $"{name[..(longest / 2)]}…{name[^(longest - longest / 2 - 1)..]}";

    /// <summary>The least of 1, 2, 5 times a power of ten that is not below.</summary>
    private static double Step(double least)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        return (least / power) switch { <= 1.0000001 => 1, <= 2 => 2, <= 5 => 5, _ => 10 } * power;
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
