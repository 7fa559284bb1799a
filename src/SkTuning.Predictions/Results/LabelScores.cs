using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace SkTuning.Classifiers;

/// <summary>A number for each label, in the order of the labels. A dictionary for each row would take several times the memory.</summary>
/// <param name="labels">The labels.</param>
/// <param name="scores">Their numbers.</param>
internal sealed class LabelScores(LabelSet labels, double[] scores) : IReadOnlyDictionary<string, double>
{
    public double this[string key] => TryGetValue(key, out var score) ? score : throw new KeyNotFoundException($"There is no label '{key}'.");

    public IEnumerable<string> Keys => labels;

    public IEnumerable<double> Values => scores;

    public int Count => scores.Length;

    public bool ContainsKey(string key) => labels.IndexOf(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out double value)
    {
        var index = labels.IndexOf(key);
        value = index >= 0 ? scores[index] : 0;
        return index >= 0;
    }

    public IEnumerator<KeyValuePair<string, double>> GetEnumerator()
    {
        for (var c = 0; c < scores.Length; c++) yield return KeyValuePair.Create(labels[c], scores[c]);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
