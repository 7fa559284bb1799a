using SkTuning.Data;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>One example of token classification: words with a tag each. Rows are equal if their words, tags, and texts are.</summary>
public sealed record TokenRow
{
    /// <summary>Creates a row from words and their tags.</summary>
    /// <param name="Words">The words in order, at least one.</param>
    /// <param name="Tags">One tag per word, such as O, B-PER, or I-PER; empty for a row without tags.</param>
    /// <exception cref="SkTuningException">There are no words, a word is null, or the numbers of words and tags differ.</exception>
    public TokenRow(IReadOnlyList<string> Words, IReadOnlyList<string> Tags)
    {
        if (Words.Count == 0) throw new SkTuningException("Token row: no words, expected at least 1.");
        for (var i = 0; i < Words.Count; i++)
            if (Words[i] is null) throw new SkTuningException($"Token row: word {i + 1} is null, expected a word.");
        if (Tags.Count != Words.Count && Tags.Count > 0)
            throw new SkTuningException($"Token row: {Tags.Count} tags for {Words.Count} words, expected one per word.");
        (this.Words, this.Tags) = (Words, Tags);
    }

    /// <summary>Gets the words.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>Gets the tag of each word; empty for a row without tags.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>Gets the text that was split into the words, or null if the row was created from words.</summary>
    public string? Text { get; private init; }

    /// <summary>Gets the range of each word in <see cref="Text"/>; empty if there is no text.</summary>
    public IReadOnlyList<TextSpan> Offsets { get; private init; } = [];

    /// <summary>Gets the line of the file on which the row starts, from 1 (Parquet: the row number), or 0 if the row does not come from a file.</summary>
    public long Line { get; init; }

    /// <summary>
    /// Creates a row from a text with labeled spans. The text is split into words where letters and digits end and where a span begins or ends; the words of a
    /// span are tagged B- and I-.
    /// </summary>
    /// <param name="text">The text, not only white space.</param>
    /// <param name="spans">The labeled spans, in any order and without overlaps.</param>
    /// <exception cref="SkTuningException">
    /// A span is outside of the text, is empty or only white space, splits a character, has no label, or overlaps another.
    /// </exception>
    public static TokenRow FromSpans(string text, IEnumerable<CharSpan> spans)
    {
        var sorted = spans.OrderBy(s => s.Start).ThenBy(s => s.End).ToArray();
        for (var i = 0; i < sorted.Length; i++) Check(text, sorted[i], i > 0 ? sorted[i - 1] : null);
        var offsets = WordCuts.Of(text, sorted.SelectMany(s => (int[])[s.Start, s.End]));
        var tags = new string[offsets.Count];
        Array.Fill(tags, "O");
        var word = 0;
        foreach (var span in sorted)
        {
            while (offsets[word].Start < span.Start) word++;
            for (var prefix = "B-"; word < offsets.Count && offsets[word].Start < span.End; prefix = "I-") tags[word++] = prefix + span.Label;
        }
        return OfText(text, offsets, tags);
    }

    /// <summary>Creates a row without tags from a text, for prediction. The text is split into words.</summary>
    /// <exception cref="SkTuningException">The text is empty or only white space.</exception>
    public static TokenRow FromText(string text) => OfText(text, WordCuts.Of(text, []), []);

    /// <summary>Returns a copy of the row with other tags, such as predicted ones.</summary>
    /// <exception cref="SkTuningException">The numbers of words and tags differ.</exception>
    public TokenRow WithTags(IReadOnlyList<string> tags) => new(Words, tags) { Text = Text, Offsets = Offsets, Line = Line };

    /// <summary>
    /// Returns the entities that the tags mark, as spans of the text (read as the CoNLL script does, see <see cref="EntityTags.ReadConll"/>). The text of a row
    /// without one is its words separated by spaces.
    /// </summary>
    /// <exception cref="SkTuningException">A tag is not O and does not start with B-, I-, E-, or S-.</exception>
    public IReadOnlyList<CharSpan> Spans()
    {
        var offsets = Text is null ? Spaced() : Offsets;
        return EntityTags.ReadConll(Tags).Select(e => new CharSpan(offsets[e.Start].Start, offsets[e.End - 1].End, e.Type)).ToList();
    }

    /// <summary>Returns the text, or the words separated by spaces if there is no text.</summary>
    public string ToText() => Text ?? string.Join(' ', Words);

    /// <inheritdoc/>
    public bool Equals(TokenRow? other)
        => other is not null && Text == other.Text && Words.SequenceEqual(other.Words) && Tags.SequenceEqual(other.Tags);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var word in Words) hash.Add(word);
        foreach (var tag in Tags) hash.Add(tag);
        return hash.ToHashCode();
    }

    private static TokenRow OfText(string text, IReadOnlyList<TextSpan> offsets, IReadOnlyList<string> tags) => offsets.Count > 0
        ? new(offsets.Select(o => text[o.Start..o.End]).ToList(), tags) { Text = text, Offsets = offsets }
        : throw new SkTuningException("Token row: the text has no words, expected at least 1.");

    private List<TextSpan> Spaced()
    {
        var (offsets, at) = (new List<TextSpan>(Words.Count), 0);
        foreach (var word in Words)
        {
            offsets.Add(new(at, at + word.Length));
            at += word.Length + 1;
        }
        return offsets;
    }

    private static void Check(string text, CharSpan span, CharSpan? before)
    {
        var name = $"Token row: the span {span.Start} to {span.End} ('{span.Label}')";
        if (span.Start < 0 || span.End > text.Length || span.Start >= span.End)
            throw new SkTuningException($"{name} is outside of the text, expected 0 <= start < end <= {text.Length}. Do the offsets count UTF-16 code units?");
        if (Splits(span.Start) || Splits(span.End))
            throw new SkTuningException($"{name} splits a character, expected whole characters. Do the offsets count UTF-16 code units?");
        if (string.IsNullOrWhiteSpace(span.Label)) throw new SkTuningException($"{name} has no label, expected one.");
        if (text.AsSpan(span.Start, span.End - span.Start).IsWhiteSpace())
            throw new SkTuningException($"{name} contains only white space, expected a word.");
        if (before is not null && before.End > span.Start)
            throw new SkTuningException(
                $"{name} overlaps the span {before.Start} to {before.End} ('{before.Label}'), expected spans without overlaps.");

        bool Splits(int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]);
    }
}
