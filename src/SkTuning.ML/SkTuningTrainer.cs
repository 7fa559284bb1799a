using Microsoft.ML;
using Microsoft.ML.Data;

namespace SkTuning.ML;

/// <summary>Trains a <see cref="TextClassifier"/> on a text column and a label column. The frozen model is not changed.</summary>
public sealed class SkTuningTrainer : IEstimator<SkTuningTransformer>
{
    private readonly FrozenModel _model;
    private readonly TextClassifierOptions _options;
    private readonly string _label;
    private readonly TextColumns _columns;
    private readonly IProgress<TrainingProgress>? _progress;
    private readonly CancellationToken _cancellationToken;

    internal SkTuningTrainer(FrozenModel model, TextClassifierOptions options, string label, TextColumns columns, IProgress<TrainingProgress>? progress,
        CancellationToken cancellationToken)
        => (_model, _options, _label, _columns, _progress, _cancellationToken) = (model, options, label, columns, progress, cancellationToken);

    /// <summary>Trains a classifier. Rows without a label are left out.</summary>
    /// <param name="input">The training data.</param>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    /// <exception cref="SkTuningException">An option, a row or a label cannot be used; the message names it.</exception>
    public SkTuningTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return new(TextClassifier.Train(_model, Read(input), _options, _progress, _cancellationToken), _columns.Text, _columns.Text2);
    }

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">A column is missing or has the wrong type.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        _columns.Check(inputSchema);
        var label = TextColumns.Find(inputSchema, _label, "label");
        if (!TextColumns.IsText(label) && !(TextColumns.IsScalar(label) && label.IsKey))
            throw TextColumns.Mismatch(_label, "text or a key", $"{(TextColumns.IsScalar(label) ? "" : "a vector of ")}{label.ItemType}");
        return OutputColumns.AddTo(inputSchema);
    }

    private List<Row> Read(IDataView input)
    {
        var texts = _columns.Find(input.Schema);
        var label = input.Schema.GetColumnOrNull(_label) ?? throw TextColumns.Missing(_label, "label");
        using var cursor = input.GetRowCursor([.. texts, label]);
        var readLabel = LabelReader(cursor, label);
        var getters = texts.Select(cursor.GetGetter<ReadOnlyMemory<char>>).ToArray();
        var rows = new List<Row>();
        while (cursor.MoveNext())
        {
            _cancellationToken.ThrowIfCancellationRequested();
            if (readLabel() is { Length: > 0 } name)
                rows.Add(new(RowPredictor.Read(getters[0]), name) { Text2 = getters.Length > 1 ? RowPredictor.Read(getters[1]) : null });
        }
        return rows;
    }

    /// <summary>Returns a function that reads the current row's label; it is empty if the label is missing.</summary>
    private static Func<string> LabelReader(DataViewRow row, DataViewSchema.Column label)
    {
        if (label.Type is TextDataViewType)
        {
            var text = row.GetGetter<ReadOnlyMemory<char>>(label);
            return () => RowPredictor.Read(text);
        }
        if (label.Type is not KeyDataViewType || label.Type.RawType != typeof(uint) || !label.HasKeyValues(TextDataViewType.Instance))
            throw TextColumns.Mismatch(label.Name, "text or a key with text values, as MapValueToKey makes it", label.Type.ToString()!);
        VBuffer<ReadOnlyMemory<char>> values = default;
        label.GetKeyValues(ref values);
        string[] names = [.. values.DenseValues().Select(v => v.ToString())];
        var getter = row.GetGetter<uint>(label);
        return () =>
        {
            uint key = 0;
            getter(ref key);
            return key == 0 ? "" : names[key - 1];
        };
    }
}
