using System.Runtime.InteropServices;
using SkTuning.Tokenizers;

namespace SkTuning.Diagnostics;

/// <summary>Counts the tokens of rows one by one.</summary>
internal sealed class TokenCounter(TextTokenizer tokenizer, int? maxTokens)
{
    private const int MaxWords = 100_000, MaxShown = 20, MaxWordLength = 40;

    private readonly SortedDictionary<int, long> _lengths = [];
    private readonly Dictionary<string, long> _words = new(StringComparer.Ordinal);
    private readonly int _special = tokenizer.EncodeIds("").Length;
    private long _unknown, _rowsWithUnknown, _characters, _textTokens;

    public void Add(Row row)
    {
        // Encoding without offsets is faster and sufficient for nearly every row.
        IReadOnlyList<int> ids = row.Text2 is null ? tokenizer.EncodeIds(row.Text) : tokenizer.Encode(row.Text, row.Text2).Ids;
        _characters += row.Text.EnumerateRunes().Count() + (row.Text2?.EnumerateRunes().Count() ?? 0);
        _textTokens += ids.Count - _special;
        _lengths[ids.Count] = _lengths.GetValueOrDefault(ids.Count) + 1;
        if (tokenizer.UnkId is not { } unknown || !ids.Contains(unknown)) return;
        var before = _unknown;
        var encoding = tokenizer.Encode(row.Text, row.Text2);
        for (var t = 0; t < encoding.Ids.Count; t++)
        {
            if (encoding.Ids[t] != unknown || encoding.SequenceIds[t] is not { } sequence) continue;
            _unknown++;
            var (text, span) = (sequence == 0 ? row.Text : row.Text2!, encoding.Offsets[t]);
            var word = text[span.Start..Math.Min(span.End, span.Start + MaxWordLength)];
            if (_words.Count < MaxWords) CollectionsMarshal.GetValueRefOrAddDefault(_words, word, out _)++;
            else if (_words.TryGetValue(word, out var count)) _words[word] = count + 1;
        }
        if (_unknown > before) _rowsWithUnknown++;
    }

    public TokenStatistics Statistics() => new(_lengths, maxTokens, tokenizer.UnkId is not null, _unknown, _rowsWithUnknown,
        _words.OrderByDescending(w => w.Value).ThenBy(w => w.Key, StringComparer.Ordinal).Take(MaxShown).Select(w => new NamedCount(w.Key, w.Value)).ToList())
    {
        TokensPerCharacter = _characters == 0 ? 0 : (double)_textTokens / _characters,
    };
}
