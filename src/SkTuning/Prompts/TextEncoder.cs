using System.Collections.Concurrent;
using SkTuning.Batches;
using SkTuning.Tokenizers;

namespace SkTuning.Prompts;

/// <summary>
/// Texts to token ids: the one place that decides special tokens, joins and cuts. A causal model reads [BOS if its tokenizer adds one] + prompt, and the text goes
/// on behind it without a second BOS; an encoder reads prompt and text each as its tokenizer writes them, and a pair as its tokenizer joins them where the template does not.
/// </summary>
internal sealed class TextEncoder
{
    private const int HeadPart = 4, OverlapPart = 4;

    private readonly TextTokenizer _tokenizer;
    private readonly RowTemplate _template;
    private readonly bool _causal, _startsText, _withTypes;
    private readonly int _most, _maskSide;

    /// <param name="tokenizer">The base's tokenizer.</param>
    /// <param name="causal">The base reads from left to right.</param>
    /// <param name="template">What stands around each text.</param>
    /// <param name="startsText">The text itself starts the sequence, with its BOS.</param>
    /// <param name="most">The most tokens of a text, template included.</param>
    /// <param name="withTypes">The base tells the texts of a pair apart by token types.</param>
    public TextEncoder(TextTokenizer tokenizer, bool causal, RowTemplate template, bool startsText, int most, bool withTypes = false)
    {
        (_tokenizer, _causal, _startsText, _most, _withTypes) = (tokenizer, causal, startsText, most, withTypes);
        _maskSide = template.HasMask ? template.MaskSide : 0;
        _template = !template.HasMask ? template
            : tokenizer.MaskId is { } mask ? template.WithMask(tokenizer.TokenOf(mask)!)
            : throw new SkTuningException($"The row template '{template}' holds {{mask}}, but the tokenizer has no mask token: expected an encoder with a masked-LM head.");
    }

    /// <summary>Texts that were read before, where they are kept.</summary>
    public ConcurrentDictionary<(string Text, string? Text2), EncodedRow>? Known { get; init; }

    /// <summary>Rows have one place with an answer: that of the template's mask.</summary>
    public bool AnswersAtMask { get; init; }

    /// <summary>A single text that is too long loses its middle, not its end.</summary>
    public bool TruncatesMiddle { get; init; }

    /// <summary>A single text that is too long is read in so many windows, if need be.</summary>
    public int MaxWindows { get; init; } = 1;

    /// <summary>The prompt's ids; never empty.</summary>
    public static int[] PromptIds(TextTokenizer tokenizer, bool causal, string prompt)
    {
        int[] ids = causal ? [.. tokenizer.PrefixSpecialIds, .. tokenizer.EncodeIds(prompt, addSpecialTokens: false)] : [.. tokenizer.EncodeIds(prompt, addSpecialTokens: true)];
        return prompt.Length > 0 && ids.Length > 0 ? ids : throw new SkTuningException("The prompt is empty: describe the task in words, for example \"Classify the topic of the customer's message:\".");
    }

    /// <summary>The token that stands for a text without any.</summary>
    public static int Filler(TextTokenizer tokenizer) => tokenizer.EosId ?? tokenizer.BosId ?? tokenizer.PadId ?? 0;

    /// <summary>A text's ids; an empty text is read as the tokenizer's end-of-text token, so that every text has a prediction.</summary>
    public EncodedRow Encode(string text, string? text2 = null)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (Known?.TryGetValue((text, text2), out var known) == true) return known;
        var row = Read(text, text2) with { Source = new(text, text2) };
        Known?.TryAdd((text, text2), row);
        return row;
    }

    private EncodedRow Read(string text, string? text2)
    {
        if (text2 is not null && !_template.HasText2) return Joined(text, text2);
        var (front, back) = Around();
        var plain = _tokenizer.EncodeIds(_template.Fill(text, text2), addSpecialTokens: false);
        var room = _most - front.Count - back.Count;
        var cut = plain.Length > room;
        if (cut && text2 is null && MaxWindows > 1 && InWindows(text, front, back, room) is { } windows) return windows;
        if (cut) plain = text2 is null ? Cut(text, room) : CutPair(text, text2, room);
        return Row([.. front, .. plain, .. back]) with { WasTruncated = cut };
    }

    /// <summary>Null where the template leaves no room for the text.</summary>
    private EncodedRow? InWindows(string text, IReadOnlyList<int> front, IReadOnlyList<int> back, int room)
    {
        var (read, before, after) = Parts(text);
        var (words, size) = (read[before..], room - before - after.Length);
        if (size < 1 || words.Length <= size) return null;                                                     // apart they may be fewer tokens than joined
        var step = size - size / OverlapPart;
        var needed = 1 + (words.Length - size + step - 1) / step;
        var windows = new EncodedRow[Math.Min(needed, MaxWindows)];
        for (var w = 0; w < windows.Length; w++)
        {
            var start = Math.Min(w * step, words.Length - size);                                            // the last ends with the text
            windows[w] = Row([.. front, .. read[..before], .. words[start..(start + size)], .. after, .. back]) with { Skipped = start };
        }
        return windows[0] with { Windows = windows, WasTruncated = needed > windows.Length };
    }

    private EncodedRow Row(int[] ids) => new(ids.Length > 0 ? ids : [Filler(_tokenizer)]) { Places = AnswersAtMask ? [MaskPlace(ids)] : null };

    /// <summary>The place of the template's own mask; a text may hold masks too.</summary>
    private int MaskPlace(int[] ids)
    {
        int[] places = [.. Enumerable.Range(0, ids.Length).Where(t => ids[t] == _tokenizer.MaskId)];
        if (places.Length == 0) throw new SkTuningException($"A row of {ids.Length} tokens has no room for the mask of the template '{_template}': raise MaxTokens, or shorten the template.");
        if (places.Length > 1 && _maskSide == 0) throw new SkTuningException("The text holds the mask token itself, and the template has its own between two texts, where the two cannot be told apart: put the mask in front of both texts or behind them.");
        return _maskSide < 0 ? places[0] : places[^1];
    }

    /// <summary>Words with a place each, that of its first token: for answers a word. Words that were cut off, or that the tokenizer makes nothing of, have none.</summary>
    /// <param name="words">The words.</param>
    /// <param name="kept">Which words have a place, by their order.</param>
    public EncodedRow EncodeWords(IReadOnlyList<string> words, out int[] kept)
    {
        var (front, back) = Around();
        var read = _tokenizer.EncodeWords(words, options: new() { AddSpecialTokens = false });
        var room = Math.Max(_most - front.Count - back.Count, 0);
        var (places, known, last) = (new List<int>(), new List<int>(), -1);
        for (var t = 0; t < Math.Min(read.Ids.Count, room); t++)
        {
            if (read.WordIds[t] is not { } word || word == last) continue;
            last = word;
            places.Add(front.Count + t);
            known.Add(word);
        }
        kept = [.. known];
        int[] ids = [.. front, .. read.Ids.Take(room), .. back];
        return new(ids.Length > 0 ? ids : [Filler(_tokenizer)]) { Places = [.. places], WasTruncated = read.Ids.Count > room, Source = new(string.Join(' ', words), Words: words, Kept: kept) };
    }

    /// <summary>Where each token of a row, or of one of its windows, stands in its text; empty spans for those of the template and the special ones, and for all tokens behind a cut.</summary>
    public TextSpan[] Offsets(string text, EncodedRow row)
    {
        var spans = new TextSpan[row.Ids.Length];
        var (front, before) = (Around().Front.Count, _template.Before.Length);
        var read = _tokenizer.Encode(_template.Fill(text), options: new() { AddSpecialTokens = false });
        var repeated = row.Skipped == 0 ? 0 : Before(read);                                                     // what the template puts in front of every window
        for (int t = repeated, r = repeated + row.Skipped; r < read.Ids.Count && front + t < spans.Length; t++, r++)
        {
            if (read.Ids[r] != row.Ids[front + t]) break;                                                       // behind a cut
            var (start, end) = (Math.Clamp(read.Offsets[r].Start - before, 0, text.Length), Math.Clamp(read.Offsets[r].End - before, 0, text.Length));
            spans[front + t] = new(start, end);
        }
        return spans;
    }

    /// <summary>A pair as the tokenizer joins it.</summary>
    private EncodedRow Joined(string text, string text2)
    {
        var read = _tokenizer.Encode(text, text2);
        var cut = read.Ids.Count > _most;
        if (cut) read = _tokenizer.Encode(text, text2, new() { MaxLength = _most });
        return new([.. read.Ids]) { TypeIds = _withTypes && read.TypeIds.Any(t => t != 0) ? [.. read.TypeIds] : null, WasTruncated = cut };
    }

    private (IReadOnlyList<int> Front, IReadOnlyList<int> Back) Around()
        => !_causal ? (_tokenizer.PrefixSpecialIds, _tokenizer.SuffixSpecialIds) : (_startsText ? _tokenizer.PrefixSpecialIds : [], []);

    /// <summary>The text loses its end or its middle; what the template puts around it stays as far as there is room.</summary>
    private int[] Cut(string text, int room)
    {
        var (read, before, after) = Parts(text);
        var left = Math.Max(room - after.Length, 0);
        var head = TruncatesMiddle ? Math.Min(left, Math.Max(left / HeadPart, before)) : left;
        return [.. read.Take(head), .. read.TakeLast(left - head), .. after.Take(room)];
    }

    /// <summary>The tokens of the text with what the template puts before it, how many of them are the template's, and those of what it puts behind.</summary>
    private (int[] Read, int Before, int[] After) Parts(string text)
    {
        var read = _tokenizer.Encode(_template.Before + text, options: new() { AddSpecialTokens = false });
        return ([.. read.Ids], Before(read), _template.After.Length == 0 ? [] : _tokenizer.EncodeIds(_template.After, addSpecialTokens: false));
    }

    /// <summary>How many tokens are the template's alone: one that holds a part of the text belongs to that.</summary>
    private int Before(TextEncoding read) => read.Offsets.TakeWhile(o => o.End <= _template.Before.Length).Count();

    /// <summary>The longer text loses its end first, until what the template makes of both fits.</summary>
    private int[] CutPair(string text, string text2, int room)
    {
        var (one, two) = (_tokenizer.Encode(text, options: new() { AddSpecialTokens = false }), _tokenizer.Encode(text2, options: new() { AddSpecialTokens = false }));
        var (keepOne, keepTwo) = (one.Ids.Count, two.Ids.Count);
        while (true)
        {
            var ids = _tokenizer.EncodeIds(_template.Fill(Start(text, one, keepOne), Start(text2, two, keepTwo)), addSpecialTokens: false);
            var excess = ids.Length - room;
            if (excess <= 0) return ids;
            if (keepOne == 0 && keepTwo == 0) return ids[..Math.Max(room, 0)];
            for (; excess > 0 && keepOne + keepTwo > 0; excess--)
                if (keepOne >= keepTwo) keepOne--;
                else keepTwo--;
        }

        static string Start(string whole, TextEncoding read, int tokens) => tokens == read.Ids.Count ? whole : tokens == 0 ? "" : whole[..read.Offsets[tokens - 1].End];
    }
}
