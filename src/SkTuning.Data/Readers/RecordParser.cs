namespace SkTuning.Data;

/// <summary>
/// Reads a file record by record. <see cref="Advance"/> finds the end of the next record and <see cref="Parse"/> reads it, so that a record that cannot be
/// parsed can be skipped.
/// </summary>
internal abstract class RecordParser<T>(string path) : IDisposable
{
    protected string Path { get; } = path;

    /// <summary>The line on which the record starts, from 1.</summary>
    public abstract long Line { get; }

    /// <summary>The record as it appears in the file, for a report.</summary>
    public abstract string Content { get; }

    /// <summary>Moves to the next record; false at the end of the file.</summary>
    public abstract bool Advance();

    /// <summary>Parses the record. The label is empty if none was requested.</summary>
    /// <exception cref="SkTuningException">The record is malformed.</exception>
    public abstract T Parse();

    public abstract void Dispose();

    protected virtual string Place => $"line {Line}";

    protected SkTuningException Bad(string found, string expected, string? advice = null, Exception? cause = null)
        => SkTuningException.BadFile(Path, Place, found, expected, advice, cause);

    /// <summary>Returns the records one by one. A malformed record goes to <paramref name="onBadRow"/>; if that is null, reading stops.</summary>
    public static IEnumerable<T> Records(string path, Func<RecordParser<T>> open, int? limit, Action<BadRow>? onBadRow)
    {
        var left = limit ?? long.MaxValue;
        using var parser = open();
        while (left > 0 && parser.Advance())
        {
            T record;
            try { record = parser.Parse(); }
            catch (SkTuningException e) when (onBadRow is not null)
            {
                onBadRow(new(path, parser.Line, e.Message, parser.Content));
                continue;
            }
            left--;
            yield return record;
        }
    }
}
