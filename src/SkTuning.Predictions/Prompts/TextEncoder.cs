using System.Collections.Concurrent;
using SkTuning.Batches;
using SkTuning.Tokenizers;

namespace SkTuning.Prompts;

/// <summary>
/// Encodes texts as token ids. All special tokens, joins and truncation are decided here. A causal model reads the prompt as [BOS if its tokenizer adds one] +
/// prompt, and the text continues it without a second BOS. An encoder reads prompt and text each as its tokenizer encodes them; a pair is joined by its
/// tokenizer, unless the template joins it. Of a text that is much too long, only as many tokens are made as are read.
/// </summary>
internal sealed class TextEncoder
{
    private const int HeadDivisor = 4, OverlapDivisor = 4;

    private readonly TextTokenizer _tokenizer;
    private readonly RowTemplate _template;
    private readonly bool _causal, _startsText, _withTypes;
    private readonly int _maxTokens, _maskSide;

    /// <param name="tokenizer">The tokenizer of the base.</param>
    /// <param name="causal">True if the base is a causal model.</param>
    /// <param name="template">The text around each row.</param>
    /// <param name="startsText">True if the text itself starts the sequence, with its BOS.</param>
    /// <param name="maxTokens">The maximum number of tokens of a text, template included.</param>
    /// <param name="withTypes">True if the base distinguishes the texts of a pair by token types.</param>
    public TextEncoder(TextTokenizer tokenizer, bool causal, RowTemplate template, bool startsText, int maxTokens, bool withTypes = false)
    {
        (_tokenizer, _causal, _startsText, _maxTokens, _withTypes) = (tokenizer, causal, startsText, maxTokens, withTypes);
        _maskSide = template.HasMask ? template.MaskSide : 0;
        _template = !template.HasMask ? template
            : tokenizer.MaskId is { } mask ? template.WithMask(tokenizer.TokenOf(mask)!)
            : throw new SkTuningException($"The row template '{template}' contains {{mask}}, but the tokenizer has no mask token: "
                + "expected an encoder with a masked-LM head.");
    }

    /// <summary>The rows encoded so far; null if they are not kept.</summary>
    public ConcurrentDictionary<(string Text, string? Text2), EncodedRow>? Known { get; init; }

    /// <summary>Each row has one answer, at the template's mask.</summary>
    public bool AnswersAtMask { get; init; }

    /// <summary>A single text that is too long is truncated in the middle, not at the end.</summary>
    public bool TruncatesMiddle { get; init; }

    /// <summary>The maximum number of windows in which a single text that is too long is read.</summary>
    public int MaxWindows { get; init; } = 1;

    /// <summary>Returns the tokens of the prompt, which are never empty.</summary>
    /// <exception cref="SkTuningException">The prompt is empty.</exception>
    public static int[] PromptIds(TextTokenizer tokenizer, bool causal, string prompt)
    {
        int[] ids = causal
            ? [.. tokenizer.PrefixSpecialIds, .. tokenizer.EncodeIds(prompt, addSpecialTokens: false)]
            : [.. tokenizer.EncodeIds(prompt, addSpecialTokens: true)];
        return prompt.Length > 0 && ids.Length > 0 ? ids
            : throw new SkTuningException("AdapterOptions.Prompt is empty: describe the task in words, for example "
                + "\"Classify the topic of the customer's message:\".");
    }

    /// <summary>Returns the token that is read in place of a text without tokens.</summary>
    public static int Filler(TextTokenizer tokenizer) => tokenizer.EosId ?? tokenizer.BosId ?? tokenizer.PadId ?? 0;

    /// <summary>Refuses a template that leaves no token for a text, or fewer than two for a pair.</summary>
    /// <param name="pairs">True if rows are pairs.</param>
    /// <exception cref="SkTuningException">There is no room for text.</exception>
    public void RequireRoom(bool pairs)
    {
        var (front, back) = Around();
        var (special, template) = (front.Count + back.Count, 0);
        if (!pairs) template = Ahead() + Count(_template.After);
        else if (_template.HasText2) template = Count(_template.Fill("", ""));
        else special = _tokenizer.Encode("", "").Ids.Count;
        if (_maxTokens - special - template >= (pairs ? 2 : 1)) return;
        var beside = special == 0 ? "" : $" beside {special} special {(special == 1 ? "token" : "tokens")}";
        throw new SkTuningException(template > 0
            ? $"The template takes {template} tokens and leaves no room for text (maximum {_maxTokens}){beside}: "
                + "shorten it, or raise the maximum (MaxTokens, --max-tokens)."
            : $"A row has a maximum of {_maxTokens} tokens, which leaves no room for text{beside}: raise the maximum (MaxTokens, --max-tokens).");

        // A space at the end of the template usually belongs to the first token of the text, and its other characters may.
        int Ahead() => _template.Before.Length == 0 ? 0
            : Math.Max(Before(_tokenizer.Encode(_template.Before + "a", options: new() { AddSpecialTokens = false })), Count(_template.Before.TrimEnd(' ')));

        int Count(string text) => text.Length == 0 ? 0 : _tokenizer.EncodeIds(text, addSpecialTokens: false).Length;
    }

    /// <summary>Encodes a text or a pair. An empty text is read as the tokenizer's end-of-text token, so that every text has a prediction.</summary>
    public EncodedRow Encode(string text, string? text2 = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Known?.TryGetValue((text, text2), out var known) == true) return known;
        var row = Build(text, text2) with { Source = new(text, text2) };
        Known?.TryAdd((text, text2), row);
        return row;
    }

    private EncodedRow Build(string text, string? text2)
    {
        if (text2 is not null && !_template.HasText2) return Joined(text, text2);
        var (front, back) = Around();
        var room = _maxTokens - front.Count - back.Count;
        var plain = _tokenizer.FirstIds(_template.Fill(text, text2), OneMore(room));
        var isTooLong = plain.Length > room;
        if (isTooLong && text2 is null && MaxWindows > 1 && InWindows(text, front, back, room) is { } windows) return windows;
        if (isTooLong) plain = text2 is null ? Truncate(text, room) : TruncatePair(text, text2, room);
        return Row([.. front, .. plain, .. back]) with { WasTruncated = isTooLong };
    }

    /// <summary>Returns a row of windows; null if the template leaves no room for the text.</summary>
    private EncodedRow? InWindows(string text, IReadOnlyList<int> front, IReadOnlyList<int> back, int room)
    {
        var (before, after) = (Before(text, room), After());
        var read = _tokenizer.FirstIds(_template.Before + text, (int)Math.Clamp(MaxWindows * (long)room + 1, 0, int.MaxValue));
        var (words, size) = (read[before..], room - before - after.Length);
        if (size < 1 || words.Length <= size) return null;                                   // separately they can be fewer tokens than together
        var step = size - size / OverlapDivisor;
        var needed = 1 + (words.Length - size + step - 1) / step;
        var windows = new EncodedRow[Math.Min(needed, MaxWindows)];
        for (var w = 0; w < windows.Length; w++)
        {
            var start = Math.Min(w * step, words.Length - size);                                            // the last window ends with the text
            windows[w] = Row([.. front, .. read[..before], .. words[start..(start + size)], .. after, .. back]) with { Skipped = start };
        }
        return windows[0] with { Windows = windows, WasTruncated = needed > windows.Length };
    }

    private EncodedRow Row(int[] ids)
        => new(ids.Length > 0 ? ids : [Filler(_tokenizer)]) { AnswerPositions = AnswersAtMask ? [MaskPosition(ids)] : null };

    /// <summary>Returns the position of the template's own mask; a text can contain masks too.</summary>
    private int MaskPosition(int[] ids)
    {
        int[] positions = [.. Enumerable.Range(0, ids.Length).Where(t => ids[t] == _tokenizer.MaskId)];
        if (positions.Length == 0)
        {
            throw new SkTuningException($"A row of {ids.Length} tokens has no room for the mask of the template '{_template}': "
                + "raise MaxTokens, or shorten the template.");
        }
        if (positions.Length > 1 && _maskSide == 0)
        {
            throw new SkTuningException("The text contains the mask token, and the template has its own mask between two texts, where the two cannot be "
                + "distinguished: move the mask of the template before or after both texts.");
        }
        return _maskSide < 0 ? positions[0] : positions[^1];
    }

    /// <summary>Encodes words, with an answer at the first token of each word. Words that were truncated and words without tokens have no answer.</summary>
    /// <param name="words">The words.</param>
    /// <param name="answered">The indices of the words that have an answer.</param>
    public EncodedRow EncodeWords(IReadOnlyList<string> words, out int[] answered)
    {
        var (front, back) = Around();
        var room = Math.Max(_maxTokens - front.Count - back.Count, 0);
        var read = _tokenizer.EncodeWords(words, options: new() { AddSpecialTokens = false, MaxLength = OneMore(room) });
        var (positions, withAnswer, last) = (new List<int>(), new List<int>(), -1);
        for (var t = 0; t < Math.Min(read.Ids.Count, room); t++)
        {
            if (read.WordIds[t] is not { } word || word == last) continue;
            last = word;
            positions.Add(front.Count + t);
            withAnswer.Add(word);
        }
        answered = [.. withAnswer];
        int[] ids = [.. front, .. read.Ids.Take(room), .. back];
        return new(ids.Length > 0 ? ids : [Filler(_tokenizer)])
        {
            AnswerPositions = [.. positions],
            WasTruncated = read.Ids.Count > room,
            Source = new(string.Join(' ', words), Words: words, AnsweredWords: answered),
        };
    }

    /// <summary>
    /// Returns the span in the text of each token of a row or of one of its windows. Tokens of the template, special tokens and all tokens after removed text
    /// have empty spans.
    /// </summary>
    public TextSpan[] Offsets(string text, EncodedRow row)
    {
        var spans = new TextSpan[row.Ids.Length];
        var (front, before) = (Around().Front.Count, _template.Before.Length);
        var read = _tokenizer.Encode(_template.Fill(text), options: new() { AddSpecialTokens = false, MaxLength = OneMore(row.Skipped + spans.Length) });
        var repeated = row.Skipped == 0 ? 0 : Before(read);                       // the start of the template, which every window repeats
        for (int t = repeated, r = repeated + row.Skipped; r < read.Ids.Count && front + t < spans.Length; t++, r++)
        {
            if (read.Ids[r] != row.Ids[front + t]) break;                                                       // after removed text
            spans[front + t] = new(Math.Clamp(read.Offsets[r].Start - before, 0, text.Length), Math.Clamp(read.Offsets[r].End - before, 0, text.Length));
        }
        return spans;
    }

    /// <summary>Returns the end of the part of a text that the model reads.</summary>
    public int ReadEnd(string text)
    {
        var row = Encode(text);
        return !row.WasTruncated || TruncatesMiddle ? text.Length : row.Sequences.Max(s => Offsets(text, s).Max(o => o.End));
    }

    /// <summary>Returns a pair as the tokenizer joins it.</summary>
    private EncodedRow Joined(string text, string text2)
    {
        var read = _tokenizer.Encode(text, text2, new() { MaxLength = _maxTokens });
        return new([.. read.Ids]) { TypeIds = _withTypes && read.TypeIds.Any(t => t != 0) ? [.. read.TypeIds] : null, WasTruncated = read.WasTruncated };
    }

    private (IReadOnlyList<int> Front, IReadOnlyList<int> Back) Around()
        => !_causal ? (_tokenizer.PrefixSpecialIds, _tokenizer.SuffixSpecialIds) : (_startsText ? _tokenizer.PrefixSpecialIds : [], []);

    /// <summary>Removes the end or the middle of a text; the template around it is kept as far as there is room.</summary>
    private int[] Truncate(string text, int room)
    {
        var after = After();
        var left = Math.Max(room - after.Length, 0);
        if (!TruncatesMiddle) return [.. _tokenizer.FirstIds(_template.Before + text, left), .. after.Take(room)];
        var read = _tokenizer.EncodeIds(_template.Before + text, addSpecialTokens: false);
        var head = Math.Min(left, Math.Max(left / HeadDivisor, Before(text, room)));
        return [.. read.Take(head), .. read.TakeLast(left - head), .. after.Take(room)];
    }

    /// <summary>Returns the tokens of the template after the text.</summary>
    private int[] After() => _template.After.Length == 0 ? [] : _tokenizer.EncodeIds(_template.After, addSpecialTokens: false);

    /// <summary>Returns the number of tokens of the template before the text, or of those that fit and one more.</summary>
    private int Before(string text, int room)
        => Before(_tokenizer.Encode(_template.Before + text, options: new() { AddSpecialTokens = false, MaxLength = OneMore(room) }));

    /// <summary>Returns the number of tokens to ask for in order to learn whether there are more than fit.</summary>
    private static int OneMore(int room) => (int)Math.Clamp(room + 1L, 0, int.MaxValue);

    /// <summary>Returns the number of tokens that contain only the template: a token that contains a part of the text belongs to the text.</summary>
    private int Before(TextEncoding read) => read.Offsets.TakeWhile(o => o.End <= _template.Before.Length).Count();

    /// <summary>Removes the ends of both texts, of the longer one first, until they fit with the template around them.</summary>
    private int[] TruncatePair(string text, string text2, int room)
    {
        var (one, two) = (Read(text), Read(text2));
        var (keepOne, keepTwo) = (one.Count, two.Count);
        var excess = _tokenizer.CountIds(_template.Fill(text, text2)) - room;
        while (true)
        {
            for (; excess > 0 && keepOne + keepTwo > 0; excess--)
            {
                if (keepOne >= keepTwo) keepOne--;
                else keepTwo--;
            }
            var ids = _tokenizer.EncodeIds(_template.Fill(Start(text, one, keepOne), Start(text2, two, keepTwo)), addSpecialTokens: false);
            excess = ids.Length - room;
            if (excess <= 0) return ids;
            if (keepOne == 0 && keepTwo == 0) return ids[..Math.Max(room, 0)];
        }

        // Hardly more tokens of a text can be kept than there is room for; the others are only counted.
        (TextEncoding Tokens, int Count) Read(string whole)
        {
            var tokens = _tokenizer.Encode(whole, options: new() { AddSpecialTokens = false, MaxLength = OneMore(Math.Max(room, 0)) });
            return (tokens, tokens.WasTruncated ? _tokenizer.CountIds(whole) : tokens.Ids.Count);
        }

        string Start(string whole, (TextEncoding Tokens, int Count) read, int tokens)
        {
            if (tokens == read.Count) return whole;
            if (tokens == 0) return "";
            var known = tokens <= read.Tokens.Ids.Count ? read.Tokens : _tokenizer.Encode(whole, options: new() { AddSpecialTokens = false });
            return whole[..known.Offsets[tokens - 1].End];
        }
    }
}
