using SkTuning.Adapters;
using SkTuning.Batches;

namespace SkTuning.Classifiers.SingleLabel;

/// <summary>The rows that are out of scope by their label.</summary>
internal static class OutOfScopeRows
{
    /// <summary>Divides rows into those in scope and those with the label of rows out of scope.</summary>
    public static (IReadOnlyList<Row> Inside, IReadOnlyList<Row> Outside) Divide(IReadOnlyList<Row> rows, string? label)
        => label is null ? (rows, []) : ([.. rows.Where(r => r.Label != label)], [.. rows.Where(r => r.Label == label)]);

    /// <summary>Encodes rows that have no class.</summary>
    public static IReadOnlyList<EncodedRow> Encode(AdapterModel adapter, IReadOnlyList<Row> rows)
        => [.. rows.Select(r => adapter.Encoder.Encode(r.Text, adapter.Definition.Pairs ? r.Text2 : null))];
}
