using Microsoft.ML;
using Microsoft.ML.Data;

namespace SkTuning.ML;

/// <summary>
/// Reads rows ahead and predicts them in batches, because a batch costs little more than a row. The first batch is small, so that a caller who wants few rows
/// does not wait for many.
/// </summary>
internal sealed class PredictionCursor : DataViewRowCursor
{
    private const int FirstRows = 16, MaxRows = 256;

    private readonly DataViewRowCursor _input;
    private readonly RowPredictor _predictor;
    private readonly HashSet<int> _needed;
    private readonly BufferedColumn?[] _columns;
    private readonly Func<Row>? _reader;
    private readonly ValueGetter<DataViewRowId> _id;
    private readonly (DataViewRowId Id, long Batch)[] _rows = new (DataViewRowId, long)[MaxRows];
    private IReadOnlyList<TextClassifierPrediction> _predictions = [];
    private long _position = -1;
    private int _current = -1, _count, _size = FirstRows;
    private bool _isOver;

    public PredictionCursor(DataViewRowCursor input, DataViewSchema schema, RowPredictor predictor, HashSet<int> needed)
    {
        (_input, Schema, _predictor, _needed) = (input, schema, predictor, needed);
        _columns = [.. input.Schema.Select(c => needed.Contains(c.Index) ? BufferedColumn.Create(input, c, MaxRows) : null)];
        _reader = PredictionMapper.NeedsPredictions(input.Schema, needed) ? predictor.Reader(input) : null;
        _id = input.GetIdGetter();
    }

    public override DataViewSchema Schema { get; }

    public override long Position => _position;

    public override long Batch => IsOnRow ? _rows[_current].Batch : 0;

    private bool IsOnRow => !_isOver && _current >= 0;

    public override bool MoveNext()
    {
        if (_isOver) return false;
        if (++_current >= _count) ReadAhead();
        _isOver = _count == 0;
        _position = _isOver ? -1 : _position + 1;
        return !_isOver;
    }

    public override bool IsColumnActive(DataViewSchema.Column column) => _needed.Contains(column.Index);

    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column)) throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' is not active.");
        var output = column.Index - _columns.Length;
        var getter = output < 0 ? _columns[column.Index]!.Getter(Current) : _predictor.Getter(output, () => _predictions[Current()]);
        return getter as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"The column '{column.Name}' contains {column.Type.RawType.Name}, not {typeof(TValue).Name}.");
    }

    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId value) => value = _rows[Current()].Id;

    protected override void Dispose(bool disposing)
    {
        if (disposing) _input.Dispose();
        base.Dispose(disposing);
    }

    private int Current() => IsOnRow ? _current : throw new InvalidOperationException("The cursor is not on a row: call MoveNext first.");

    private void ReadAhead()
    {
        (_current, _count) = (0, 0);
        var texts = new List<Row>();
        while (_count < _size && _input.MoveNext())
        {
            foreach (var column in _columns) column?.Read(_count);
            if (_reader is not null) texts.Add(_reader());
            _id(ref _rows[_count].Id);
            _rows[_count++].Batch = _input.Batch;
        }
        _size = Math.Min(2 * _size, MaxRows);
        _predictions = texts.Count > 0 ? _predictor.Predict(texts) : [];
    }
}
