using SkTuning.Data;

namespace SkTuning;

/// <summary>Chooses the unit that stands for each label where a model of units answers with its own units, as in speech prompts (arXiv 2203.16773).</summary>
public static class UnitLabels
{
    /// <summary>
    /// Returns a different unit for each label, for <c>LabelWords</c>: the most frequent unit stands for the most frequent label, the next one for the next
    /// label, and so on. Equally frequent units are in ascending order, equally frequent labels in ordinal order.
    /// </summary>
    /// <param name="rows">Rows whose texts are units separated by spaces, with one label each.</param>
    /// <exception cref="SkTuningException">A text is not a sequence of units, or there are more labels than different units.</exception>
    public static IReadOnlyDictionary<string, string> ByFrequency(IEnumerable<Row> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var (units, labels) = (new Dictionary<int, long>(), new Dictionary<string, long>(StringComparer.Ordinal));
        foreach (var (i, row) in rows.Index())
        {
            foreach (var unit in UnitText.Read(row.Text, (found, expected) => new SkTuningException($"Row {i + 1}: {found}, expected {expected}.")))
                units[unit] = units.GetValueOrDefault(unit) + 1;
            labels[row.Label] = labels.GetValueOrDefault(row.Label) + 1;
        }
        if (units.Count < labels.Count)
            throw new SkTuningException($"The rows have {labels.Count} labels and {units.Count} different units, expected a unit for each label.");
        return labels.OrderByDescending(l => l.Value).ThenBy(l => l.Key, StringComparer.Ordinal)
            .Zip(units.OrderByDescending(u => u.Value).ThenBy(u => u.Key))
            .ToDictionary(p => p.First.Key, p => FormattableString.Invariant($"{p.Second.Key}"), StringComparer.Ordinal);
    }
}
