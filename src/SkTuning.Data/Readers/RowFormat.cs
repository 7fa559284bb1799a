using SkTuning.Data;

namespace SkTuning;

/// <summary>
/// A file format that <see cref="RowFile"/>, <see cref="TokenRowFile"/>, or both can read. A file's extension selects its format. TSV, TXT, JSONL, and
/// CoNLL are built in; <see cref="Register"/> adds others. The packages SkTuning.Data.Csv and SkTuning.Data.Parquet add CSV and Parquet.
/// </summary>
public abstract class RowFormat
{
    /// <summary>Gets the name of the format, such as "CSV".</summary>
    public abstract string Name { get; }

    /// <summary>Gets the extensions of files that <see cref="ReadRows"/> reads, with their leading dots. Case is ignored.</summary>
    public virtual IReadOnlyList<string> RowExtensions => [];

    /// <summary>Gets the extensions of files that <see cref="ReadTokenRows"/> reads, with their leading dots. Case is ignored.</summary>
    public virtual IReadOnlyList<string> TokenRowExtensions => [];

    /// <summary>Gets a value that indicates whether rows of this format have labels. A format without them is for prediction only.</summary>
    public virtual bool HasLabels => true;

    /// <summary>
    /// Reads the rows of a file one by one. The file is opened when the enumeration starts. A row that cannot be read goes to
    /// <see cref="RowFileOptions.OnBadRow"/>; without one, it ends the enumeration with an <see cref="SkTuningException"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The options, already validated.</param>
    /// <param name="withLabels">Whether to read the labels; if false, <see cref="Row.Label"/> is empty and the file needs no label column.</param>
    public virtual IEnumerable<Row> ReadRows(string path, RowFileOptions options, bool withLabels) => throw new NotSupportedException();

    /// <summary>
    /// Reads the words and tags of a file one row at a time. The file is opened when the enumeration starts. A row that cannot be read goes to
    /// <see cref="TokenRowFileOptions.OnBadRow"/>; without one, it ends the enumeration with an <see cref="SkTuningException"/>.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="options">The options, already validated.</param>
    public virtual IEnumerable<TokenRow> ReadTokenRows(string path, TokenRowFileOptions options) => throw new NotSupportedException();

    /// <summary>
    /// Adds a format to those that files are read with. A format replaces one of the same name; of several formats with the same extension, the last one
    /// registered is used. Safe to call from several threads.
    /// </summary>
    /// <exception cref="SkTuningException">An extension of the format has no leading dot.</exception>
    public static void Register(RowFormat format) => FormatRegistry.Default.Register(format);
}
