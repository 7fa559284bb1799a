using System.Collections;

namespace SkTuning;

/// <summary>
/// The distinct labels of a task, in ordinal order (by character code, independent of language), so that the same labels get the same indices regardless of the
/// order of the rows.
/// </summary>
public sealed class LabelSet : IReadOnlyList<string>
{
    private readonly string[] _labels;
    private readonly Dictionary<string, int> _indices;

    /// <summary>Creates a set of the distinct labels in <paramref name="labels"/>.</summary>
    /// <exception cref="SkTuningException">A label is blank.</exception>
    public LabelSet(IEnumerable<string> labels) : this(labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray()) { }

    private LabelSet(string[] labels)
    {
        _labels = labels;
        _indices = new(StringComparer.Ordinal);
        for (var i = 0; i < labels.Length; i++)
        {
            if (string.IsNullOrWhiteSpace(labels[i])) throw new SkTuningException("Labels: found a blank label, expected labels with a visible character.");
            if (!_indices.TryAdd(labels[i], i)) throw new SkTuningException($"Labels: found '{Line(labels[i])}' twice, expected each label once.");
        }
    }

    /// <summary>Returns the labels of rows, with each label of rows that have several.</summary>
    public static LabelSet Of(IEnumerable<Row> rows) => new(rows.SelectMany(r => r.Labels));

    /// <summary>Returns a set in the given order, as recorded in an adapter file.</summary>
    internal static LabelSet InOrder(IEnumerable<string> labels) => new(labels.ToArray());

    /// <inheritdoc/>
    public int Count => _labels.Length;

    /// <summary>Gets the label at an index.</summary>
    public string this[int index] => _labels[index];

    /// <summary>Returns the index of a label, or -1 if it is not in this set.</summary>
    public int IndexOf(string label) => _indices.GetValueOrDefault(label, -1);

    /// <summary>Returns the index of a label that must be in this set.</summary>
    /// <param name="label">The label.</param>
    /// <param name="where">The source of the label for the error message, such as a file, or a file and row.</param>
    /// <exception cref="SkTuningException">The label is not in this set. The message names the label, its source, and the known labels.</exception>
    public int GetIndex(string label, string? where = null)
    {
        var index = IndexOf(label);
        return index >= 0 ? index : throw new SkTuningException(
            $"{(where is null ? "" : where + ": ")}the label '{Line(label)}' is unknown, expected one of {SkTuningFileException.OneLine(ToString(), 1000)}. " +
            "Correct the row, or train with rows of this label.");
    }

    /// <summary>Returns the index of every row's label.</summary>
    /// <param name="rows">The rows, with one label each.</param>
    /// <param name="where">The file that the rows come from, for the error message.</param>
    /// <exception cref="SkTuningException">
    /// A row's label is not in this set, or a row has no label or several. The message names the file and row (from 1).
    /// </exception>
    public int[] IndicesOf(IReadOnlyList<Row> rows, string? where = null)
    {
        var indices = new int[rows.Count];
        for (var i = 0; i < indices.Length; i++)
        {
            var labels = rows[i].Labels;
            if (labels.Count != 1)
            {
                var found = labels.Count == 0 ? "no label" : $"the labels '{Line(string.Join("', '", labels))}'";
                throw new SkTuningException($"{Place(where, i)}: {found}, expected one. Rows with any number of labels are for multi-label tasks.");
            }
            indices[i] = IndexOf(labels[0]);
            if (indices[i] < 0) GetIndex(labels[0], Place(where, i));
        }
        return indices;
    }

    /// <summary>Returns whether each row has each label, [rows][labels].</summary>
    /// <param name="rows">The rows, with any number of labels each.</param>
    /// <param name="where">The file that the rows come from, for the error message.</param>
    /// <exception cref="SkTuningException">A label is not in this set. The message names the file and row (from 1).</exception>
    public bool[][] IndicatorsOf(IReadOnlyList<Row> rows, string? where = null)
    {
        var indicators = new bool[rows.Count][];
        for (var i = 0; i < indicators.Length; i++)
        {
            indicators[i] = new bool[Count];
            foreach (var label in rows[i].Labels) indicators[i][GetIndex(label, Place(where, i))] = true;
        }
        return indicators;
    }

    private static string Line(string text) => SkTuningFileException.OneLine(text);

    private static string Place(string? where, int row) => where is null ? $"row {row + 1}" : $"{where}, row {row + 1}";

    /// <summary>Returns the first 20 labels in quotes.</summary>
    public override string ToString()
    {
        const int MaxNames = 20;
        var names = string.Join(", ", _labels.Take(MaxNames).Select(l => $"'{l}'"));
        return Count > MaxNames ? $"{names} and {Count - MaxNames} more" : names;
    }

    /// <inheritdoc/>
    public IEnumerator<string> GetEnumerator() => ((IEnumerable<string>)_labels).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
