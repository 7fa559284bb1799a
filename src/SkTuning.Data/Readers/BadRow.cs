namespace SkTuning;

/// <summary>A row that could not be read, as passed to <see cref="RowFileOptions.OnBadRow"/>.</summary>
/// <param name="File">The path of the file, as it was given.</param>
/// <param name="Line">The line on which the row starts, from 1.</param>
/// <param name="Reason">A one-line message that names the file, the line, what was found, and what was expected.</param>
/// <param name="Content">The row as it appears in the file, without its line ending; bytes that are not UTF-8 appear as U+FFFD.</param>
public sealed record BadRow(string File, long Line, string Reason, string Content);
