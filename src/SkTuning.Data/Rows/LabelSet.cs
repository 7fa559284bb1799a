using System.Collections;

namespace SkTuning;

/// <summary>
/// The distinct labels of a task, in ordinal order (by the numbers of their characters, in no language), so that the same labels get the same indices
/// whatever the order of the rows.
/// </summary>
public sealed class LabelSet : IReadOnlyList<string>
{
    private readonly string[] _labels;
    private readonly Dictionary<string, int> _indices;

    /// <summary>The distinct ones of <paramref name="labels"/>, sorted.</summary>
    /// <exception cref="SkTuningException">A label is blank.</exception>
    public LabelSet(IEnumerable<string> labels) : this(labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray()) { }

    private LabelSet(string[] labels)
    {
        _labels = labels;
        _indices = new(StringComparer.Ordinal);
        for (var i = 0; i < labels.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(labels[i])) throw new SkTuningException("Labels: found a blank one, expected names with a visible character.");
            if (!_indices.TryAdd(labels[i], i)) throw new SkTuningException($"Labels: '{labels[i]}' is there twice, expected each label once.");
        }
    }

    /// <summary>The labels of rows; of rows with several, each of them.</summary>
    public static LabelSet Of(IEnumerable<Row> rows) => new(rows.SelectMany(r => r.Labels));

    /// <summary>In the order given: what an adapter file with an order of its own holds.</summary>
    internal static LabelSet InOrder(IEnumerable<string> labels) => new(labels.ToArray());

    /// <inheritdoc/>
    public int Count => _labels.Length;

    /// <summary>The label of an index.</summary>
    public string this[int index] => _labels[index];

    /// <summary>The index of a label, or -1.</summary>
    public int Find(string label) => _indices.GetValueOrDefault(label, -1);

    /// <summary>The index of a label.</summary>
    /// <param name="label">The label.</param>
    /// <param name="where">What it was read from, for the message: a file, a file and row.</param>
    /// <exception cref="SkTuningException">The label is not in this set; the message names it, where it was found, and the labels known.</exception>
    public int IndexOf(string label, string? where = null)
    {
        var index = Find(label);
        return index >= 0 ? index : throw new SkTuningException(
            $"{(where is null ? "" : where + ": ")}the label '{label}' is not known, expected one of {this}. Correct the row, or train with rows of that label.");
    }

    /// <summary>The index of every row's one label.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="where">The file they are from, for the message.</param>
    /// <exception cref="SkTuningException">A row's label is not in this set, or it has none, or several; the message names file and row (from 1).</exception>
    public int[] IndicesOf(IReadOnlyList<Row> rows, string? where = null)
    {
        var indices = new int[rows.Count];
        for (var i = 0; i < indices.Length; i++)
        {
            if (rows[i].Labels.Count != 1)
                throw new SkTuningException($"{Place(where, i)}: {(rows[i].Labels.Count == 0 ? "no label" : $"the labels '{string.Join("', '", rows[i].Labels)}'")}, expected one. Rows with any number of labels are for tasks of several labels.");
            indices[i] = Find(rows[i].Labels[0]);
            if (indices[i] < 0) IndexOf(rows[i].Labels[0], Place(where, i));
        }
        return indices;
    }

    /// <summary>Which labels every row has, [rows][labels].</summary>
    /// <inheritdoc cref="IndicesOf"/>
    /// <exception cref="SkTuningException">A label is not in this set; the message names file and row (from 1).</exception>
    public bool[][] IndicatorsOf(IReadOnlyList<Row> rows, string? where = null)
    {
        var indicators = new bool[rows.Count][];
        for (var i = 0; i < indicators.Length; i++)
        {
            indicators[i] = new bool[Count];
            foreach (var label in rows[i].Labels) indicators[i][IndexOf(label, Place(where, i))] = true;
        }
        return indicators;
    }

    private static string Place(string? where, int row) => where is null ? $"row {row + 1}" : $"{where}, row {row + 1}";

    /// <summary>The labels in quotes, the first 20 of them.</summary>
    public override string ToString()
    {
        const int Shown = 20;
        var names = string.Join(", ", _labels.Take(Shown).Select(l => $"'{l}'"));
        return Count > Shown ? $"{names} and {Count - Shown} more" : names;
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_labels).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
