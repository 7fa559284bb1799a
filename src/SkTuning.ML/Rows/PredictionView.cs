using Microsoft.ML;

namespace SkTuning.ML;

/// <summary>A view of data with the predictions of its rows. Nothing is predicted before a cursor reads it.</summary>
internal sealed class PredictionView(IDataView input, DataViewSchema schema, RowPredictor predictor) : IDataView
{
    public bool CanShuffle => input.CanShuffle;

    public DataViewSchema Schema => schema;

    public long? GetRowCount() => input.GetRowCount();

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        var needed = columnsNeeded.Select(c => c.Index).ToHashSet();
        var columns = PredictionMapper.Dependencies(input.Schema, predictor, needed);
        return new PredictionCursor(input.GetRowCursor(columns, rand), schema, predictor, needed);
    }

    /// <summary>Returns one cursor: the model uses all cores for a batch.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null)
        => [GetRowCursor(columnsNeeded, rand)];
}
