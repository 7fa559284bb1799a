using SkTuning.Data;

namespace SkTuning;

/// <summary>
/// Words with tags from a file, its format chosen by its extension: <c>.conll</c>, <c>.bio</c>, <c>.iob</c>, <c>.iob2</c>, <c>.txt</c> and <c>.tsv</c> (a token a line, a blank line
/// between sentences), <c>.jsonl</c> (lists of words and tags, or texts with labelled spans), <c>.parquet</c> (lists of words and tags).
/// </summary>
public static class TokenRowFile
{
    /// <summary>All rows of a file, in its order.</summary>
    /// <exception cref="SkTuningException">The file cannot be read, or a row is malformed; file, line, found and expected are named.</exception>
    public static IReadOnlyList<TokenRow> Read(string path, TokenRowOptions? options = null) => Stream(path, options).ToList();

    /// <summary>The rows one by one, for files larger than memory. The file is opened when the enumeration starts.</summary>
    /// <exception cref="SkTuningException">As <see cref="Read"/>; a bad row is found when the enumeration reaches it.</exception>
    public static IEnumerable<TokenRow> Stream(string path, TokenRowOptions? options = null)
    {
        var chosen = options ?? new();
        chosen.Validate();
        Func<RecordParser<TokenRow>> open = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".conll" or ".bio" or ".iob" or ".iob2" or ".txt" or ".tsv" => () => new ConllParser(path, chosen),
            ".jsonl" => () => new JsonlTokenParser(path, chosen),
            ".parquet" => () => new ParquetTokenParser(path, chosen),
            var other => throw SkTuningException.BadFile(path, null, other.Length == 0 ? "a name without an extension" : $"the extension '{other}'", ".conll, .tsv, .jsonl or .parquet for words with tags", "Rename the file after its format."),
        };
        return RecordParser<TokenRow>.Records(path, open, chosen.Limit, chosen.OnBadRow);
    }

    /// <summary>The rows one by one, read ahead on other threads.</summary>
    /// <exception cref="SkTuningException">As <see cref="Stream"/>.</exception>
    public static IAsyncEnumerable<TokenRow> StreamAsync(string path, TokenRowOptions? options = null, CancellationToken cancel = default) => ReadAhead.Of(Stream(path, options), cancel);
}
