namespace SkTuning.Data;

/// <summary>
/// Reads a file record by record. <see cref="Advance"/> finds where the next record ends, <see cref="Parse"/> reads it: so a record that cannot be parsed
/// can be left out and the next one still be found.
/// </summary>
internal abstract class RecordParser<T>(string path) : IDisposable
{
    protected string Path { get; } = path;

    /// <summary>The line the record starts at, from 1.</summary>
    public abstract long Line { get; }

    /// <summary>The record as it stands in the file, for a report.</summary>
    public abstract string Content { get; }

    /// <summary>Moves to the next record; false at the end of the file.</summary>
    public abstract bool Advance();

    /// <summary>The record; a label is empty when none was asked for.</summary>
    /// <exception cref="SkTuningException">The record is malformed.</exception>
    public abstract T Parse();

    public abstract void Dispose();

    protected virtual string Place => $"line {Line}";

    protected SkTuningException Bad(string found, string expected, string? advice = null, Exception? cause = null)
        => SkTuningException.BadFile(Path, Place, found, expected, advice, cause);

    /// <summary>The records one by one; a malformed one stops the reading, or goes to <paramref name="onBadRow"/>.</summary>
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
