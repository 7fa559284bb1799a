namespace SkTuning.Diagnostics;

/// <summary>Where a row stands.</summary>
/// <param name="Part">The file, or what else the rows were called.</param>
/// <param name="Row">The number of the row among those read, from 1.</param>
/// <param name="Line">The line of the file, from 1 (Parquet: the number of the row); 0 where the row is from no file.</param>
public sealed record RowPlace(string Part, long Row, long Line)
{
    /// <summary>In words: <c>train.tsv, line 17</c>.</summary>
    public override string ToString() => Line > 0 ? $"{Part}, line {Line}" : $"{Part}, row {Row}";
}
