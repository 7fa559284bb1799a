namespace SkTuning.Diagnostics;

/// <summary>The lengths of texts in tokens, special tokens included, and what the tokenizer does not know.</summary>
public sealed class TokenStatistics
{
    private readonly SortedDictionary<int, long> _rowsOfLength;

    internal TokenStatistics(SortedDictionary<int, long> rowsOfLength, int? maxTokens, bool hasUnknown, long unknown, long rowsWithUnknown, IReadOnlyList<NamedCount> words)
    {
        (_rowsOfLength, MaxTokens, HasUnknownToken, UnknownTokens, RowsWithUnknown, UnknownWords) = (rowsOfLength, maxTokens, hasUnknown, unknown, rowsWithUnknown, words);
        Rows = rowsOfLength.Values.Sum();
        Total = rowsOfLength.Sum(l => l.Key * l.Value);
        Cut = maxTokens is { } most ? rowsOfLength.Where(l => l.Key > most).Sum(l => l.Value) : 0;
    }

    /// <summary>The number of rows.</summary>
    public long Rows { get; }

    /// <summary>The tokens of all rows.</summary>
    public long Total { get; }

    /// <summary>The shortest row.</summary>
    public int Min => Quantile(0);

    /// <summary>The row in the middle.</summary>
    public int Median => Quantile(0.5);

    /// <summary>95 of 100 rows are at most as long.</summary>
    public int Percentile95 => Quantile(0.95);

    /// <summary>The longest row.</summary>
    public int Max => Quantile(1);

    /// <summary>The most tokens that will be read; null where none was given.</summary>
    public int? MaxTokens { get; }

    /// <summary>How many rows are longer, and will lose their end.</summary>
    public long Cut { get; }

    /// <summary>Whether the tokenizer has a token for what it does not know; one of bytes has none and knows all.</summary>
    public bool HasUnknownToken { get; }

    /// <summary>How many tokens are that one.</summary>
    public long UnknownTokens { get; }

    /// <summary>How many rows hold one.</summary>
    public long RowsWithUnknown { get; }

    /// <summary>The parts of texts behind them, the most frequent first (20 at most), with the times each was found.</summary>
    public IReadOnlyList<NamedCount> UnknownWords { get; }

    /// <summary>How many rows have so many tokens.</summary>
    public IReadOnlyDictionary<int, long> RowsOfLength => _rowsOfLength;

    /// <summary>The smallest length that so large a part of the rows does not exceed (the nearest rank, never between two lengths); 0 without rows.</summary>
    /// <param name="part">0 to 1.</param>
    public int Quantile(double part)
    {
        var rank = Math.Max(1, Math.Ceiling(part * Rows));
        foreach (var (length, rows) in _rowsOfLength)
            if ((rank -= rows) <= 0) return length;
        return 0;
    }
}
