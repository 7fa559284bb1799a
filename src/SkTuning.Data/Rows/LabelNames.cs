using System.Text;

namespace SkTuning.Data;

/// <summary>Compares the names of labels, and finds them in label maps.</summary>
internal static class LabelNames
{
    /// <summary>
    /// Returns the groups of labels that differ only in case, surrounding white space, or Unicode form, each in ordinal order: usually one label, written in
    /// several ways.
    /// </summary>
    public static IReadOnlyList<IReadOnlyList<string>> Variants(IEnumerable<string> labels)
        => [.. labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).GroupBy(Folded, StringComparer.Ordinal)
            .Where(g => g.Skip(1).Any()).Select(g => (IReadOnlyList<string>)[.. g])];

    /// <summary>Returns a group of variants for a message, with characters that cannot be seen as their codes.</summary>
    public static string Shown(IEnumerable<string> variants) => string.Join(" = ", variants.Select(v => $"'{Visible(v)}'"));

    /// <summary>
    /// Finds the name of a label in a map. The entry for a number can be written in any form: 1.0 is the entry for the label 1.
    /// </summary>
    public static bool TryMap(IReadOnlyDictionary<string, string> map, string label, out string name)
    {
        if (map.TryGetValue(label, out name!)) return true;
        if (NumberName.Of(label) != label) return false;
        name = map.FirstOrDefault(m => NumberName.Of(m.Key) == label).Value;
        return name is not null;
    }

    private static string Folded(string label) => Normal(Normal(label).Trim().ToUpperInvariant());

    private static string Normal(string text)
    {
        try { return text.Normalize(NormalizationForm.FormKC); }
        catch (ArgumentException) { return text; }   // an unpaired surrogate has no normal form
    }

    private static string Visible(string label) => string.Concat(label.Select(c
        => c == ' ' || !char.IsWhiteSpace(c) && !char.IsControl(c) && char.GetUnicodeCategory(c)
            is not (System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.Format)
            ? c.ToString() : $"\\u{(int)c:x4}"));
}
