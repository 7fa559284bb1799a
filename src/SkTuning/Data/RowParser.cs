namespace SkTuning.Data;

/// <summary>
/// Reads a file record by record. <see cref="Advance"/> finds where the next record ends, <see cref="Parse"/> reads it: so a record that cannot be parsed
/// can be left out and the next one still be found.
/// </summary>
internal abstract class RowParser(string path) : IDisposable
{
    protected string Path { get; } = path;

    /// <summary>The line the record starts at, from 1.</summary>
    public abstract long Line { get; }

    /// <summary>The record as it stands in the file, for a report.</summary>
    public abstract string Content { get; }

    /// <summary>Moves to the next record; false at the end of the file.</summary>
    public abstract bool Advance();

    /// <summary>The record as a row; its label is empty when no label was asked for.</summary>
    /// <exception cref="SkTuningException">The record is malformed.</exception>
    public abstract Row Parse();

    public abstract void Dispose();

    protected SkTuningException Bad(string found, string expected, string? advice = null, Exception? cause = null)
        => SkTuningException.BadFile(Path, $"line {Line}", found, expected, advice, cause);

    /// <summary>A label says something: a blank one is a mistake in the file, not a class.</summary>
    protected string Labelled(string label, string column)
        => string.IsNullOrWhiteSpace(label) ? throw Bad($"a row whose '{column}' is empty", "a label") : label;
}
