namespace SkTuning.Data;

/// <summary>
/// Rows from a file, its format chosen by its extension: <c>.tsv</c> (fields between tabs, no quoting), <c>.csv</c> (RFC 4180: quotes, line ends inside of
/// them), <c>.jsonl</c> (one object a line), and for texts without labels also <c>.txt</c> (one text a line). All are UTF-8, with or without a byte order
/// mark; lines end in LF or CRLF. Blank lines are passed over, but where a line holds nothing but a text (<c>.txt</c>, a single column) a blank one is an
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

    /// <summary>All texts of a file, in its order; it needs no label column.</summary>
    /// <exception cref="SkTuningException">As <see cref="Read"/>.</exception>
    public static IReadOnlyList<string> ReadTexts(string path, RowFileOptions? options = null) => StreamTexts(path, options).ToList();

    /// <summary>The texts one by one, for files larger than memory.</summary>
    /// <exception cref="SkTuningException">As <see cref="Stream"/>.</exception>
    public static IEnumerable<string> StreamTexts(string path, RowFileOptions? options = null) => Rows(path, options ?? new(), labelled: false).Select(r => r.Text);

    private static IEnumerable<Row> Rows(string path, RowFileOptions options, bool labelled)
    {
        options.Validate();
        Func<RowParser> open = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".tsv" => () => new TsvParser(path, options, labelled),
            ".csv" => () => new CsvRowParser(path, options, labelled),
            ".jsonl" => () => new JsonlParser(path, options, labelled),
            ".txt" when !labelled => () => new TxtParser(path),
            ".txt" => throw SkTuningException.BadFile(path, null, "a .txt file, which has no labels", ".tsv, .csv or .jsonl for labelled rows"),
            var other => throw SkTuningException.BadFile(path, null, other.Length == 0 ? "a name without an extension" : $"the extension '{other}'",
                labelled ? ".tsv, .csv or .jsonl" : ".tsv, .csv, .jsonl or .txt", "Rename the file after its format."),
        };
        return Parsed(path, open, options);
    }

    private static IEnumerable<Row> Parsed(string path, Func<RowParser> open, RowFileOptions options)
    {
        var left = options.Limit ?? long.MaxValue;
        using var parser = open();
        while (left > 0 && parser.Advance())
        {
            Row row;
            try { row = parser.Parse(); }
            catch (SkTuningException e) when (options.OnBadRow is not null)
            {
                options.OnBadRow(new(path, parser.Line, e.Message, parser.Content));
                continue;
            }
            left--;
            yield return row;
        }
    }
}
