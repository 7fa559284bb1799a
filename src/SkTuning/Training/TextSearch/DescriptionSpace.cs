using LabelTexts = System.Collections.Generic.IReadOnlyDictionary<string, System.Collections.Generic.IReadOnlyList<string>>;

namespace SkTuning.Training;

/// <summary>The texts of the labels, each label with one or more. An edit leaves a text out, adds one, or exchanges one for another.</summary>
/// <param name="pool">The texts that each label can get.</param>
internal sealed class DescriptionSpace(LabelTexts pool) : ISearchSpace<LabelTexts>
{
    public string Sources => $"{nameof(DescriptionSearchOptions)}.{nameof(DescriptionSearchOptions.Texts)}, "
        + $"{nameof(DescriptionSearchOptions)}.{nameof(DescriptionSearchOptions.RowsPerLabel)}";

    /// <summary>The order of a label's texts does not count: the head reads the mean of their directions.</summary>
    public string Key(LabelTexts candidate)
        => string.Join('\n', candidate.Keys.Order(StringComparer.Ordinal)
            .SelectMany(label => candidate[label].Order(StringComparer.Ordinal).Prepend($"\r{label}")));

    public IEnumerable<(string Edit, LabelTexts Candidate)> Edits(LabelTexts candidate)
    {
        foreach (var label in candidate.Keys.Order(StringComparer.Ordinal))
        {
            var texts = candidate[label];
            for (var i = 0; i < texts.Count && texts.Count > 1; i++) yield return ($"- {label}: {texts[i]}", With(label, [.. texts.Where((_, k) => k != i)]));
            foreach (var added in pool[label].Except(texts, StringComparer.Ordinal))
            {
                yield return ($"+ {label}: {added}", With(label, [.. texts, added]));
                for (var i = 0; i < texts.Count; i++)
                    yield return ($"exchange {label}: {added}", With(label, [.. texts.Take(i), added, .. texts.Skip(i + 1)]));
            }
        }

        LabelTexts With(string label, IReadOnlyList<string> texts) => Of(candidate.Select(c => c.Key == label ? new(label, texts) : c));
    }

    public IEnumerable<LabelTexts> All(LabelTexts written)
    {
        string[] labels = [.. written.Keys.Order(StringComparer.Ordinal)];
        return From(0).Select(Of);

        IEnumerable<KeyValuePair<string, IReadOnlyList<string>>[]> From(int label)
        {
            if (label == labels.Length) return [[]];
            string[] texts = [.. written[labels[label]].Concat(pool[labels[label]]).Distinct(StringComparer.Ordinal)];
            return Subsets(texts).Where(s => s.Length > 0)
                .SelectMany(_ => From(label + 1), (own, rest) => (KeyValuePair<string, IReadOnlyList<string>>[])[new(labels[label], own), .. rest]);
        }

        static IEnumerable<string[]> Subsets(string[] texts)
            => texts is [.. var before, var last] ? Subsets(before).SelectMany(s => (string[][])[s, [.. s, last]]) : [[]];
    }

    private static LabelTexts Of(IEnumerable<KeyValuePair<string, IReadOnlyList<string>>> texts)
        => new Dictionary<string, IReadOnlyList<string>>(texts, StringComparer.Ordinal);
}
