using System.Globalization;
using SkTuning.Batches;

namespace SkTuning.Classifiers;

/// <summary>Warnings about rows that are too few.</summary>
internal static class RowWarnings
{
    private const int Shown = 5, FewRows = 50;
    private const double HalfWidth95 = 1.96;

    /// <summary>Returns a warning about the labels that have one training row; none if there are no such labels.</summary>
    public static IEnumerable<string> RareLabels(LabelSet labels, IReadOnlyList<EncodedRow> train)
    {
        var rows = new int[labels.Count];
        foreach (var label in train.SelectMany(r => r.Classes.Distinct()))
            if (label >= 0 && label < rows.Length) rows[label]++;
        string[] rare = [.. labels.Where((_, i) => rows[i] == 1)];
        if (rare.Length == 0) return [];
        var names = string.Join(", ", rare.Take(Shown).Select(l => $"'{l}'"));
        if (rare.Length == 1) return [$"the label {names} has only one training row."];
        var others = rare.Length > Shown ? " and others" : "";
        return [string.Create(CultureInfo.InvariantCulture, $"{rare.Length} labels have only one training row each: {names}{others}.")];
    }

    /// <summary>Returns a warning about dev rows whose score would say little; none if there are enough of them, or none at all.</summary>
    public static IEnumerable<string> FewDevRows(int dev)
    {
        if (dev is 0 or >= FewRows) return [];
        var points = 100 * HalfWidth95 * Math.Sqrt(0.25 / dev);
        var found = dev == 1 ? "there is only 1 dev row" : string.Create(CultureInfo.InvariantCulture, $"there are only {dev} dev rows");
        return [string.Create(CultureInfo.InvariantCulture, $"{found}: a score on them is uncertain (an accuracy by up to ±{points:F0} points).")];
    }
}
