namespace SkTuning.Diagnostics;

/// <summary>The location of a row.</summary>
/// <param name="Part">The file, or another name of the rows.</param>
/// <param name="Row">The number of the row among those read, from 1.</param>
/// <param name="Line">The line of the file, from 1 (Parquet: the row number), or 0 if the row does not come from a file.</param>
public sealed record RowPlace(string Part, long Row, long Line)
{
    /// <summary>Returns the location as text, such as <c>train.tsv, line 17</c>.</summary>
    public override string ToString() => Line > 0 ? $"{Part}, line {Line}" : $"{Part}, row {Row}";
}
