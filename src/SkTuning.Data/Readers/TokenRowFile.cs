using SkTuning.Data;

namespace SkTuning;

/// <summary>
/// Reads words with tags from files. The extension selects the format: <c>.conll</c>, <c>.bio</c>, <c>.iob</c>, <c>.iob2</c>, <c>.txt</c>, and <c>.tsv</c>
/// (one token per line, a blank line between sentences), <c>.jsonl</c> (lists of words and tags, or texts with labeled spans), and those that
/// <see cref="RowFormat.Register"/> adds, such as <c>.parquet</c> (lists of words and tags).
/// </summary>
public static class TokenRowFile
{
    /// <summary>Loads all rows of a file, in file order.</summary>
    /// <exception cref="SkTuningException">
    /// The file cannot be read, or a row is malformed. The message names the file, the line, what was found, and what was expected.
    /// </exception>
    public static IReadOnlyList<TokenRow> Load(string path, TokenRowFileOptions? options = null) => Stream(path, options).ToList();

    /// <summary>Loads all rows of a file without blocking the caller.</summary>
    /// <exception cref="SkTuningException">See <see cref="Load"/>.</exception>
    public static async Task<IReadOnlyList<TokenRow>> LoadAsync(string path, TokenRowFileOptions? options = null, CancellationToken cancellationToken = default)
        => await StreamAsync(path, options, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Returns the rows one by one, for files larger than memory. The file is opened when the enumeration starts.</summary>
    /// <exception cref="SkTuningException">See <see cref="Load"/>. A bad row is found when the enumeration reaches it.</exception>
    public static IEnumerable<TokenRow> Stream(string path, TokenRowFileOptions? options = null)
    {
        var chosen = options ?? new();
        chosen.Validate();
        return FormatRegistry.Default.ForTokenRows(path).ReadTokenRows(path, chosen);
    }

    /// <summary>Returns the rows one by one, read ahead on the thread pool.</summary>
    /// <exception cref="SkTuningException">See <see cref="Stream"/>.</exception>
    public static IAsyncEnumerable<TokenRow> StreamAsync(string path, TokenRowFileOptions? options = null, CancellationToken cancellationToken = default)
        => ReadAhead.Of(Stream(path, options), cancellationToken);
}
