using Microsoft.ML;
using Microsoft.ML.Data;

namespace SkTuning.ML;

/// <summary>Predicts a row at a time, as a <c>PredictionEngine</c> does.</summary>
internal sealed class PredictionMapper(DataViewSchema input, DataViewSchema output, RowPredictor predictor) : IRowToRowMapper
{
    public DataViewSchema InputSchema => input;

    public DataViewSchema OutputSchema => output;

    public IEnumerable<DataViewSchema.Column> GetDependencies(IEnumerable<DataViewSchema.Column> dependingColumns)
        => Dependencies(input, predictor, dependingColumns.Select(c => c.Index).ToHashSet());

    public DataViewRow GetRow(DataViewRow input, IEnumerable<DataViewSchema.Column> activeColumns)
        => new MappedRow(input, output, predictor, activeColumns.Select(c => c.Index).ToHashSet());

    /// <summary>True if one of the columns is a prediction.</summary>
    public static bool NeedsPredictions(DataViewSchema input, HashSet<int> needed) => needed.Any(i => i >= input.Count);

    /// <summary>Returns the input columns that the needed columns are made from.</summary>
    public static IEnumerable<DataViewSchema.Column> Dependencies(DataViewSchema input, RowPredictor predictor, HashSet<int> needed)
    {
        var texts = NeedsPredictions(input, needed) ? predictor.Columns.Find(input) : [];
        return [.. input.Where(c => needed.Contains(c.Index) || texts.Any(t => t.Index == c.Index))];
    }

    private sealed class MappedRow : DataViewRow
    {
        private readonly DataViewRow _input;
        private readonly RowPredictor _predictor;
        private readonly HashSet<int> _active;
        private readonly Func<Row>? _reader;
        private TextClassifierPrediction? _prediction;
        private long _predicted;

        public MappedRow(DataViewRow input, DataViewSchema schema, RowPredictor predictor, HashSet<int> active)
        {
            (_input, Schema, _predictor, _active) = (input, schema, predictor, active);
            _reader = NeedsPredictions(input.Schema, active) ? predictor.Reader(input) : null;
        }

        public override DataViewSchema Schema { get; }

        public override long Position => _input.Position;

        public override long Batch => _input.Batch;

        public override ValueGetter<DataViewRowId> GetIdGetter() => _input.GetIdGetter();

        public override bool IsColumnActive(DataViewSchema.Column column) => _active.Contains(column.Index);

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
        {
            if (!IsColumnActive(column)) throw new ArgumentOutOfRangeException(nameof(column), $"The column '{column.Name}' is not active.");
            var output = column.Index - _input.Schema.Count;
            if (output < 0) return _input.GetGetter<TValue>(_input.Schema[column.Index]);
            return _predictor.Getter(output, Current) as ValueGetter<TValue>
                ?? throw new InvalidOperationException($"The column '{column.Name}' contains {column.Type.RawType.Name}, not {typeof(TValue).Name}.");
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) _input.Dispose();
            base.Dispose(disposing);
        }

        /// <summary>Returns the prediction of the current row, which all columns share.</summary>
        private TextClassifierPrediction Current()
        {
            if (_prediction is null || _predicted != _input.Position)
                (_prediction, _predicted) = (_predictor.Predict([_reader!()])[0], _input.Position);
            return _prediction;
        }
    }
}
