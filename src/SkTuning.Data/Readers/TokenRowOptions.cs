namespace SkTuning;

/// <summary>How a file holds words with tags, or texts with labelled spans.</summary>
public sealed record TokenRowOptions
{
    /// <summary>CoNLL: the column of the word, from 0. Default: 0.</summary>
    public int WordColumn { get; init; }

    /// <summary>CoNLL: the column of the tag, from 0; below 0 counted from the end. Default: -1, the last.</summary>
    public int TagColumn { get; init; } = -1;

    /// <summary>JSONL and Parquet: the key or column of the list of words. Default: tokens.</summary>
    public string WordsColumn { get; init; } = "tokens";

    /// <summary>JSONL and Parquet: the key or column of the list of tags. Default: tags.</summary>
    public string TagsColumn { get; init; } = "tags";

    /// <summary>JSONL: the key of a raw text. Default: text.</summary>
    public string TextColumn { get; init; } = "text";

    /// <summary>JSONL: the key of the labelled spans of a raw text, objects with <c>start</c>, <c>end</c>, <c>label</c>. Default: spans.</summary>
    public string SpansColumn { get; init; } = "spans";

    /// <summary>
    /// JSONL: whether start and end count Unicode code points, as Python does, and not UTF-16 units, as .NET does. They differ behind the first emoji. Default: false.
    /// </summary>
    public bool OffsetsInCodePoints { get; init; }

    /// <summary>The name of every tag that the file writes in another way: "0" to "O", "1" to "B-PER". A tag that is not in it is an error. Default: null, as written.</summary>
    public IReadOnlyDictionary<string, string>? TagMap { get; init; }

    /// <summary>At most this many rows, from the start of the file; at least 1. Default: null, all of them.</summary>
    public int? Limit { get; init; }

    /// <summary>As <see cref="RowFileOptions.OnBadRow"/>. Default: null, the first bad row stops the reading.</summary>
    public Action<BadRow>? OnBadRow { get; init; }

    internal void Validate()
    {
        if (Limit is < 1) throw new SkTuningException($"{nameof(TokenRowOptions)}: {nameof(Limit)} is {Limit}, expected at least 1, or null for all rows.");
        if (WordColumn < 0) throw new SkTuningException($"{nameof(TokenRowOptions)}: {nameof(WordColumn)} is {WordColumn}, expected 0 or more.");
        if (WordColumn == TagColumn) throw new SkTuningException($"{nameof(TokenRowOptions)}: {nameof(WordColumn)} and {nameof(TagColumn)} are both {WordColumn}, expected two columns.");
        string[] names = [WordsColumn, TagsColumn, TextColumn, SpansColumn];
        if (names.Any(string.IsNullOrEmpty) || names.Distinct(StringComparer.Ordinal).Count() < names.Length)
            throw new SkTuningException($"{nameof(TokenRowOptions)}: the columns are {string.Join(", ", names.Select(n => $"'{n}'"))}, expected four different names.");
    }
}
