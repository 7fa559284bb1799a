namespace SkTuning.Data;

/// <summary>The base class of parsers of tagged words: maps tags, and checks that every word has one.</summary>
internal abstract class TokenParser(string path, TokenRowFileOptions options) : RecordParser<TokenRow>(path)
{
    protected TokenRowFileOptions Options { get; } = options;

    protected TokenRow Row(IReadOnlyList<string> words, IReadOnlyList<string> tags)
    {
        if (words.Count == 0) throw Bad("a row without words", "at least one");
        if (words.Count != tags.Count) throw Bad($"a row of {words.Count} words and {tags.Count} tags", "a tag for each word");
        if (words.Any(w => w.AsSpan().Trim(" \t\r\n").IsEmpty)) throw Bad("a row with an empty word", "words with a visible character");
        return new(words, tags.Select(Named).ToList()) { Line = Line };
    }

    protected string Named(string tag)
    {
        if (string.IsNullOrWhiteSpace(tag)) throw Bad("a row with an empty tag", "a tag for each word (O outside of entities)");
        if (Options.TagMap is not { } map) return tag;
        return LabelNames.TryMap(map, tag, out var name)
            ? name
            : throw Bad($"a row with the tag '{tag}'", $"one of {new LabelSet(map.Keys)}", "Add every tag of the file to the tag map.");
    }
}
