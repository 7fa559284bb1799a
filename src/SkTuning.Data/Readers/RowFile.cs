using SkTuning.Data;

namespace SkTuning;

/// <summary>
/// Rows from a file, its format chosen by its extension: <c>.tsv</c> (fields between tabs, no quoting), <c>.csv</c> (RFC 4180: quotes, line ends inside of
/// them), <c>.jsonl</c> (one object a line), <c>.parquet</c>, and for texts without labels also <c>.txt</c> (one text a line). All but Parquet are UTF-8, with or without
/// a byte order mark; lines end in LF or CRLF. Blank lines are passed over, but where a line holds nothing but a text (<c>.txt</c>, a single column) a blank one is an
/// empty text, so that predictions stay in step with lines.
/// </summary>
public static class RowFile
{
    /// <summary>All labelled rows of a file, in its order.</summary>
    /// <exception cref="SkTuningException">The file cannot be read, lacks a column, or a row is malformed; file, line, found and expected are named.</exception>
    public static IReadOnlyList<Row> Read(string path, RowFileOptions? options = null) => Stream(path, options).ToList();

    /// <summary>The labelled rows one by one, for files larger than memory. The file is opened when the enumeration starts.</summary>
    /// <exception cref="SkTuningException">As <see cref="Read"/>; a bad row is found when the enumeration reaches it.</exception>
    public static IEnumerable<Row> Stream(string path, RowFileOptions? options = null) => Rows(path, options ?? new(), labelled: true);

    /// <summary>The labelled rows one by one, read ahead on other threads.</summary>
    /// <exception cref="SkTuningException">As <see cref="Stream"/>.</exception>
    public static IAsyncEnumerable<Row> StreamAsync(string path, RowFileOptions? options = null, CancellationToken cancel = default) => ReadAhead.Of(Stream(path, options), cancel);

    /// <summary>All texts of a file, in its order; it needs no label column.</summary>
    /// <exception cref="SkTuningException">As <see cref="Read"/>.</exception>
    public static IReadOnlyList<string> ReadTexts(string path, RowFileOptions? options = null) => StreamTexts(path, options).ToList();

    /// <summary>The texts one by one, for files larger than memory.</summary>
    /// <exception cref="SkTuningException">As <see cref="Stream"/>.</exception>
    public static IEnumerable<string> StreamTexts(string path, RowFileOptions? options = null) => StreamUnlabelled(path, options).Select(r => r.Text);

    /// <summary>The rows one by one without their labels, whether the file has them or not: texts, and second texts of pairs.</summary>
    /// <exception cref="SkTuningException">As <see cref="Stream"/>.</exception>
    public static IEnumerable<Row> StreamUnlabelled(string path, RowFileOptions? options = null) => Rows(path, options ?? new(), labelled: false);

    private static IEnumerable<Row> Rows(string path, RowFileOptions options, bool labelled)
    {
        options.Validate();
        Func<RecordParser<Row>> open = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".tsv" => () => new TsvRowParser(path, options, labelled),
            ".csv" => () => new CsvRowParser(path, options, labelled),
            ".jsonl" => () => new JsonlRowParser(path, options, labelled),
            ".parquet" => () => new ParquetRowParser(path, options, labelled),
            ".txt" when !labelled => () => new TxtRowParser(path),
            ".txt" => throw SkTuningException.BadFile(path, null, "a .txt file, which has no labels", ".tsv, .csv, .jsonl or .parquet for labelled rows"),
            ".conll" or ".bio" or ".iob" or ".iob2" => throw SkTuningException.BadFile(path, null, "a file of words with tags", ".tsv, .csv, .jsonl or .parquet for rows of texts", $"Words with tags are read by {nameof(TokenRowFile)}."),
            var other => throw SkTuningException.BadFile(path, null, other.Length == 0 ? "a name without an extension" : $"the extension '{other}'",
                labelled ? ".tsv, .csv, .jsonl or .parquet" : ".tsv, .csv, .jsonl, .parquet or .txt", "Rename the file after its format."),
        };
        return RecordParser<Row>.Records(path, open, options.Limit, options.OnBadRow);
    }
}
