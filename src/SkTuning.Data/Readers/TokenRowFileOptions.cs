namespace SkTuning;

/// <summary>Options for reading words with tags, or texts with labeled spans.</summary>
public sealed record TokenRowFileOptions
{
    /// <summary>CoNLL: the index of the column with the word, from 0. The default is 0.</summary>
    public int WordColumn { get; init; }

    /// <summary>CoNLL: the index of the column with the tag, from 0; negative numbers count from the end. The default is -1, the last column.</summary>
    public int TagColumn { get; init; } = -1;

    /// <summary>JSONL and Parquet: the name of the key or column with the list of words. The default is <c>tokens</c>.</summary>
    public string WordsColumn { get; init; } = "tokens";

    /// <summary>JSONL and Parquet: the name of the key or column with the list of tags. The default is <c>tags</c>.</summary>
    public string TagsColumn { get; init; } = "tags";

    /// <summary>JSONL: the name of the key with a raw text. The default is <c>text</c>.</summary>
    public string TextColumn { get; init; } = "text";

    /// <summary>
    /// JSONL: the name of the key with the labeled spans of a raw text, objects with <c>start</c>, <c>end</c>, and <c>label</c>. The default is <c>spans</c>.
    /// </summary>
    public string SpansColumn { get; init; } = "spans";

    /// <summary>
    /// JSONL: whether the start and end of spans count Unicode code points, as in Python, instead of UTF-16 code units, as in .NET. They differ after the first
    /// emoji. The default is false.
    /// </summary>
    public bool OffsetsInCodePoints { get; init; }

    /// <summary>
    /// The tags to use instead of those in the file, such as "O" for "0". A tag without an entry is an error. The default is null: tags as written.
    /// </summary>
    public IReadOnlyDictionary<string, string>? TagMap { get; init; }

    /// <summary>The maximum number of rows to read from the start of the file, at least 1. The default is null: all rows.</summary>
    public int? Limit { get; init; }

    /// <summary>
    /// The action to call for a row that cannot be read; see <see cref="RowFileOptions.OnBadRow"/>. The default is null: reading stops at the first bad row.
    /// </summary>
    public Action<BadRow>? OnBadRow { get; init; }

    /// <summary>The names of options in messages, by property, where they are not those of the properties: a command line has its own.</summary>
    internal IReadOnlyDictionary<string, string>? OptionNames { get; init; }

    /// <summary>Returns the name of an option for a message; null if the user cannot set it.</summary>
    internal string? NameOf(string property) => OptionNames is null ? property : OptionNames.GetValueOrDefault(property);

    internal void Validate()
    {
        if (Limit is < 1) throw Bad($"{NameOf(nameof(Limit))} is {Limit}, expected at least 1.");
        if (WordColumn < 0) throw Bad($"{NameOf(nameof(WordColumn))} is {WordColumn}, expected 0 or more.");
        if (WordColumn == TagColumn)
            throw Bad($"{NameOf(nameof(WordColumn))} and {NameOf(nameof(TagColumn))} are both {WordColumn}, expected different columns.");
        string[] names = [WordsColumn, TagsColumn, TextColumn, SpansColumn];
        if (names.Any(string.IsNullOrEmpty) || names.Distinct(StringComparer.Ordinal).Count() < names.Length)
            throw Bad($"the columns are {string.Join(", ", names.Select(n => $"'{n}'"))}, expected four different names.");

        SkTuningException Bad(string message) => new(OptionNames is null ? $"{nameof(TokenRowFileOptions)}: {message}" : message);
    }
}
