using System.Globalization;

namespace SkTuning.Data;

/// <summary>A sequence of discrete units, such as the numbers of the clusters of speech frames, as a text: whole numbers separated by spaces.</summary>
internal static class UnitText
{
    /// <summary>The largest unit. Clusterings of speech have 50 to a few thousand.</summary>
    public const int Largest = 65_535;

    /// <summary>Reads the units of a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="refused">Creates the exception from what was found, such as <c>unit 2 is 'x'</c>, and what is expected.</param>
    public static int[] Read(string text, Func<string, string, Exception> refused)
    {
        var words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length == 0) throw refused("text is empty", "whole numbers separated by spaces");
        var units = new int[words.Length];
        foreach (var (i, word) in words.Index())
            if (!int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out units[i]) || units[i] > Largest)
                throw refused($"unit {i + 1} is '{(word.Length <= 40 ? word : word[..40] + "…")}'", $"a whole number from 0 to {Largest}");
        return units;
    }

    /// <summary>Returns the units with one of each run of the same unit.</summary>
    public static IEnumerable<int> Collapsed(int[] units) => units.Where((unit, i) => i == 0 || units[i - 1] != unit);
}
