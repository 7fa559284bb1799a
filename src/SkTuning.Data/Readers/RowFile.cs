using SkTuning.Data;

namespace SkTuning;

/// <summary>
/// Reads rows from files. The extension selects the format: <c>.tsv</c> (fields separated by tabs, without quoting), <c>.jsonl</c> (one object per line),
/// <c>.txt</c> (one text per line, without labels), <c>.units</c> (the name of a recording, its units and its label, separated by <c>|</c> or tabs), and
/// those that <see cref="RowFormat.Register"/> adds, such as <c>.csv</c> and <c>.parquet</c>. Text files are UTF-8, with or without a byte order mark; lines
/// end in LF or CRLF. Blank lines are skipped, unless a text is all that a line contains (<c>.txt</c>, or a single column): there, a blank line is an empty
/// text, so that predictions stay aligned with lines.
/// </summary>
public static class RowFile
{
    /// <summary>Loads all labeled rows of a file, in file order.</summary>
    /// <exception cref="SkTuningException">
    /// The file cannot be read or lacks a column, or a row is malformed. The message names the file, the line, what was found, and what was expected.
    /// </exception>
    public static IReadOnlyList<Row> Load(string path, RowFileOptions? options = null) => Stream(path, options).ToList();

    /// <summary>Loads all labeled rows of a file without blocking the caller.</summary>
    /// <exception cref="SkTuningException">See <see cref="Load"/>.</exception>
    public static async Task<IReadOnlyList<Row>> LoadAsync(string path, RowFileOptions? options = null, CancellationToken cancellationToken = default)
        => await StreamAsync(path, options, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Returns the labeled rows one by one, for files larger than memory. The file is opened when the enumeration starts.</summary>
    /// <exception cref="SkTuningException">See <see cref="Load"/>. A bad row is found when the enumeration reaches it.</exception>
    public static IEnumerable<Row> Stream(string path, RowFileOptions? options = null) => Rows(path, options ?? new(), withLabels: true);

    /// <summary>Returns the labeled rows one by one, read ahead on the thread pool.</summary>
    /// <exception cref="SkTuningException">See <see cref="Stream"/>.</exception>
    public static IAsyncEnumerable<Row> StreamAsync(string path, RowFileOptions? options = null, CancellationToken cancellationToken = default)
        => ReadAhead.Of(Stream(path, options), cancellationToken);

    /// <summary>Loads all texts of a file, in file order. The file needs no label column.</summary>
    /// <exception cref="SkTuningException">See <see cref="Load"/>.</exception>
    public static IReadOnlyList<string> LoadTexts(string path, RowFileOptions? options = null) => StreamTexts(path, options).ToList();

    /// <summary>Returns the texts one by one, for files larger than memory. The file needs no label column.</summary>
    /// <exception cref="SkTuningException">See <see cref="Stream"/>.</exception>
    public static IEnumerable<string> StreamTexts(string path, RowFileOptions? options = null) => StreamUnlabeled(path, options).Select(r => r.Text);

    /// <summary>Returns the rows one by one without labels: texts, and second texts of pairs. The file needs no label column.</summary>
    /// <exception cref="SkTuningException">See <see cref="Stream"/>.</exception>
    public static IEnumerable<Row> StreamUnlabeled(string path, RowFileOptions? options = null) => Rows(path, options ?? new(), withLabels: false);

    /// <summary>Returns the lines of a stream as texts, read like a <c>.txt</c> file. A line is returned as soon as it is complete.</summary>
    /// <param name="stream">The stream, which is closed at the end.</param>
    /// <param name="name">The name of the stream in messages.</param>
    /// <param name="options">The options.</param>
    internal static IEnumerable<Row> StreamLines(Stream stream, string name, RowFileOptions options)
    {
        options.Validate();
        return RecordParser<Row>.Records(name, () => new TxtRowParser(name, new Utf8Lines(stream, name)), options.Limit, options.OnBadRow);
    }

    private static IEnumerable<Row> Rows(string path, RowFileOptions options, bool withLabels)
    {
        options.Validate();
        return FormatRegistry.Default.ForRows(path, withLabels, options).ReadRows(path, options, withLabels);
    }
}
