namespace SkTuning.Diagnostics;

/// <summary>Statistics of text lengths in tokens, including special tokens, and of words that the tokenizer does not know.</summary>
public sealed class TokenStatistics
{
    private readonly SortedDictionary<int, long> _rowsOfLength;

    internal TokenStatistics(
        SortedDictionary<int, long> rowsOfLength, int? maxTokens, bool hasUnknown, long unknown, long rowsWithUnknown, IReadOnlyList<NamedCount> words)
    {
        (_rowsOfLength, MaxTokens) = (rowsOfLength, maxTokens);
        (HasUnknownToken, UnknownTokens, RowsWithUnknown, UnknownWords) = (hasUnknown, unknown, rowsWithUnknown, words);
        Rows = rowsOfLength.Values.Sum();
        TotalTokens = rowsOfLength.Sum(l => l.Key * l.Value);
        TruncatedRows = maxTokens is { } max ? rowsOfLength.Where(l => l.Key > max).Sum(l => l.Value) : 0;
    }

    /// <summary>Gets the number of rows.</summary>
    public long Rows { get; }

    /// <summary>Gets the number of tokens in all rows.</summary>
    public long TotalTokens { get; }

    /// <summary>
    /// Gets the mean number of tokens per character, without special tokens; 0 if there are no characters. A tokenizer that was made for the language of the
    /// texts needs less than one.
    /// </summary>
    public double TokensPerCharacter { get; internal init; }

    /// <summary>Gets the length of the shortest row.</summary>
    public int Min => Quantile(0);

    /// <summary>Gets the median length.</summary>
    public int Median => Quantile(0.5);

    /// <summary>Gets the length that 95% of rows do not exceed.</summary>
    public int Percentile95 => Quantile(0.95);

    /// <summary>Gets the length of the longest row.</summary>
    public int Max => Quantile(1);

    /// <summary>Gets the maximum number of tokens that will be read, or null if none was given.</summary>
    public int? MaxTokens { get; }

    /// <summary>Gets the number of rows that are longer than <see cref="MaxTokens"/> and will be truncated.</summary>
    public long TruncatedRows { get; }

    /// <summary>
    /// Gets a value that indicates whether the tokenizer has a token for unknown characters. A byte-level tokenizer has none, because it can encode any text.
    /// </summary>
    public bool HasUnknownToken { get; }

    /// <summary>Gets the number of unknown tokens.</summary>
    public long UnknownTokens { get; }

    /// <summary>Gets the number of rows with unknown tokens.</summary>
    public long RowsWithUnknown { get; }

    /// <summary>Gets the words that became unknown tokens, the most frequent first (at most 20), with their numbers of occurrences.</summary>
    public IReadOnlyList<NamedCount> UnknownWords { get; }

    /// <summary>Gets the number of rows of each length in tokens.</summary>
    public IReadOnlyDictionary<int, long> RowsOfLength => _rowsOfLength;

    /// <summary>
    /// Returns the smallest length that the given fraction of rows does not exceed (the nearest rank, without interpolation), or 0 if there are no rows.
    /// </summary>
    /// <param name="fraction">The fraction of rows, from 0 to 1.</param>
    public int Quantile(double fraction)
    {
        var rank = Math.Max(1, Math.Ceiling(fraction * Rows));
        foreach (var (length, rows) in _rowsOfLength)
            if ((rank -= rows) <= 0) return length;
        return 0;
    }
}
