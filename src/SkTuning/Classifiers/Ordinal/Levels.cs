using System.Globalization;
using SkTuning.Data;

namespace SkTuning.Classifiers.Ordinal;

/// <summary>The levels of rows, lowest first, and what their order comes from.</summary>
internal sealed record Levels(IReadOnlyList<string> Labels, LevelOrder Order)
{
    private const string Advice = "specify all levels, lowest first (OrdinalClassifierOptions.Levels)";

    /// <summary>Returns the levels of rows.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="given">The levels as given, lowest first; null if they are not given.</param>
    /// <exception cref="SkTuningException">A label is not among the given levels, or the order of the labels is ambiguous.</exception>
    public static Levels Of(IReadOnlyList<Row> rows, IReadOnlyList<string>? given)
    {
        string[] labels = [.. rows.SelectMany(r => r.Labels).Distinct(StringComparer.Ordinal)];
        if (given is not null)
        {
            var levels = LabelSet.InOrder(given);
            foreach (var label in labels) levels.GetIndex(label, "The training rows");
            return new(given, LevelOrder.Given);
        }
        var names = labels.Select(NumberName.Of).ToArray();
        if (names.All(n => n is null)) return new(labels, LevelOrder.Appearance);
        if (Array.IndexOf(names, null) is >= 0 and var word)
        {
            var number = labels[Array.FindIndex(names, n => n is not null)];
            throw new SkTuningException($"The order of the labels is ambiguous: '{number}' is a number, and '{labels[word]}' is not. Correct the rows, or "
                + $"{Advice}.");
        }
        if (names.Index().GroupBy(n => n.Item).FirstOrDefault(g => g.Count() > 1) is { } twice)
        {
            throw new SkTuningException($"The order of the labels is ambiguous: {string.Join(" and ", twice.Select(n => $"'{labels[n.Index]}'"))} are the same "
                + $"number. Write it in one way, or {Advice}.");
        }
        return new([.. labels.OrderBy(l => double.Parse(l, NumberStyles.Float, CultureInfo.InvariantCulture))], LevelOrder.Number);
    }

    /// <summary>Returns the levels in one line, lowest first.</summary>
    public static string Text(IEnumerable<string> labels) => string.Join(" < ", labels);
}
