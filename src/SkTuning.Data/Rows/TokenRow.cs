using SkTuning.Data;
using SkTuning.Metrics;

namespace SkTuning;

/// <summary>One example of token classification: words, and a tag for each. Two rows are equal when words, tags and text are.</summary>
public sealed record TokenRow
{
    /// <summary>Words with their tags.</summary>
    /// <param name="Words">The words, in their order; at least one.</param>
    /// <param name="Tags">A tag a word: O, B-PER, I-PER ..., or whatever the task has; none at all for a row without tags.</param>
    /// <exception cref="SkTuningException">No words, or another number of tags.</exception>
    public TokenRow(IReadOnlyList<string> Words, IReadOnlyList<string> Tags)
    {
        if (Words.Count == 0) throw new SkTuningException("Token row: no words, expected at least 1.");
        if (Tags.Count != Words.Count && Tags.Count > 0) throw new SkTuningException($"Token row: {Tags.Count} tags for {Words.Count} words, expected one for each.");
        (this.Words, this.Tags) = (Words, Tags);
    }

    /// <summary>The words.</summary>
    public IReadOnlyList<string> Words { get; }

    /// <summary>The tag of each word; empty for a row without tags.</summary>
    public IReadOnlyList<string> Tags { get; }

    /// <summary>The text the words were cut from; null where the words are all there is.</summary>
    public string? Text { get; private init; }

    /// <summary>Where each word stands in <see cref="Text"/>; empty where there is none.</summary>
    public IReadOnlyList<TextSpan> Offsets { get; private init; } = [];

    /// <summary>The line of its file the row starts at, from 1 (Parquet: the number of the row); 0 where it is from no file.</summary>
    public long Line { get; init; }

    /// <summary>
    /// A text with labelled spans: the text is cut into words (<see cref="WordCuts"/>), also where a span begins or ends, and the words of a span are tagged B- and I-.
    /// </summary>
    /// <param name="text">The text, not only white space.</param>
    /// <param name="spans">The labelled parts, in any order, none over another.</param>
    /// <exception cref="SkTuningException">A span is outside of the text, empty or only white space, cuts a character in two, has no label, or overlaps another.</exception>
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

    /// <summary>A text without tags, cut into words: what is predicted on.</summary>
    /// <exception cref="SkTuningException">The text is empty or only white space.</exception>
    public static TokenRow FromText(string text) => OfText(text, WordCuts.Of(text, []), []);

    /// <summary>The same words, and the text they are from, with other tags: those predicted.</summary>
    /// <exception cref="SkTuningException">Another number of tags than words.</exception>
    public TokenRow WithTags(IReadOnlyList<string> tags) => new(Words, tags) { Text = Text, Offsets = Offsets, Line = Line };

    /// <summary>
    /// The entities that the tags mark, as parts of the text (read as the CoNLL script does, see <see cref="EntityTags.ReadConll"/>); a row without a text is taken as its words with
    /// a space between.
    /// </summary>
    /// <exception cref="SkTuningException">A tag is none of O, B-, I-, E-, S-.</exception>
    public IReadOnlyList<CharSpan> Spans()
    {
        var offsets = Text is null ? Spaced() : Offsets;
        return EntityTags.ReadConll(Tags).Select(e => new CharSpan(offsets[e.Start].Start, offsets[e.End - 1].End, e.Type)).ToList();
    }

    /// <summary>The text, or the words with a space between.</summary>
    public string ToText() => Text ?? string.Join(' ', Words);

    /// <inheritdoc/>
    public bool Equals(TokenRow? other) => other is not null && Text == other.Text && Words.SequenceEqual(other.Words) && Tags.SequenceEqual(other.Tags);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var word in Words) hash.Add(word);
        foreach (var tag in Tags) hash.Add(tag);
        return hash.ToHashCode();
    }

    private static TokenRow OfText(string text, IReadOnlyList<TextSpan> offsets, IReadOnlyList<string> tags)
        => offsets.Count > 0 ? new(offsets.Select(o => text[o.Start..o.End]).ToList(), tags) { Text = text, Offsets = offsets } : throw new SkTuningException("Token row: the text has no word, expected at least 1.");

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
        if (span.Start < 0 || span.End > text.Length || span.Start >= span.End) throw new SkTuningException($"{name} is not inside of the text, expected 0 <= start < end <= {text.Length}. Do the offsets count UTF-16 units?");
        if (Splits(span.Start) || Splits(span.End)) throw new SkTuningException($"{name} cuts a character in two, expected whole ones. Do the offsets count UTF-16 units?");
        if (string.IsNullOrWhiteSpace(span.Label)) throw new SkTuningException($"{name} has no label, expected one.");
        if (text.AsSpan(span.Start, span.End - span.Start).IsWhiteSpace()) throw new SkTuningException($"{name} holds only white space, expected a word.");
        if (before is not null && before.End > span.Start) throw new SkTuningException($"{name} overlaps the one from {before.Start} to {before.End} ('{before.Label}'), expected spans apart.");

        bool Splits(int at) => at > 0 && at < text.Length && char.IsLowSurrogate(text[at]) && char.IsHighSurrogate(text[at - 1]);
    }
}
