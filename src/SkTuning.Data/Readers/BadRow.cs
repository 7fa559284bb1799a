namespace SkTuning;

/// <summary>A row that could not be read, as <see cref="RowFileOptions.OnBadRow"/> is told of it.</summary>
/// <param name="File">The file as it was named.</param>
/// <param name="Line">The line the row starts at, counted from 1.</param>
/// <param name="Reason">One line that names file, line, what was found and what was expected.</param>
/// <param name="Content">The row as it stands in the file, without its line end; bytes that are not UTF-8 appear as U+FFFD.</param>
public sealed record BadRow(string File, long Line, string Reason, string Content);
