using Microsoft.ML;
using Microsoft.ML.Data;

namespace SkTuning.ML;

/// <summary>Predicts rows whose texts are in columns.</summary>
internal sealed class RowPredictor(TextClassifier classifier, TextColumns columns)
{
    private readonly string[] _labels = [.. classifier.Labels];

    public IReadOnlyList<string> Labels => _labels;

    public TextColumns Columns => columns;

    /// <summary>Returns a function that reads the current row's texts.</summary>
    public Func<Row> Reader(DataViewRow row)
    {
        var getters = columns.Find(row.Schema).Select(row.GetGetter<ReadOnlyMemory<char>>).ToArray();
        return () => new Row(Read(getters[0]), "") { Text2 = getters.Length > 1 ? Read(getters[1]) : null };
    }

    public IReadOnlyList<TextClassifierPrediction> Predict(IReadOnlyList<Row> rows) => classifier.Predict(rows);

    /// <summary>Returns the getter of the output column with an index from 0; <paramref name="current"/> returns the prediction of the current row.</summary>
    public Delegate Getter(int output, Func<TextClassifierPrediction> current) => output switch
    {
        0 => (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = current().Label.AsMemory()),
        1 => (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Scores(current(), ref value)),
        _ => (ValueGetter<float>)((ref float value) => value = current() is { Error: null } p ? (float)p.Confidence : float.NaN),
    };

    public static string Read(ValueGetter<ReadOnlyMemory<char>> getter)
    {
        ReadOnlyMemory<char> text = default;
        getter(ref text);
        return text.ToString();
    }

    /// <summary>A row that cannot be read has an empty label, and numbers that are missing, as ML.NET writes them: NaN.</summary>
    private void Scores(TextClassifierPrediction prediction, ref VBuffer<float> value)
    {
        var editor = VBufferEditor.Create(ref value, _labels.Length);
        for (var i = 0; i < _labels.Length; i++)
            editor.Values[i] = prediction.Error is null && prediction.Scores.TryGetValue(_labels[i], out var score) ? (float)score : float.NaN;
        value = editor.Commit();
    }
}
