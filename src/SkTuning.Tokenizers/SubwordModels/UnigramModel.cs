using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>
/// SentencePiece's unigram model as implemented by the Hugging Face tokenizers library. It finds the segmentation with the highest sum of scores, from left to
/// right; an earlier start wins a tie. A run of unknown characters becomes one unknown token, or its bytes.
/// </summary>
internal sealed class UnigramModel : SubwordModel
{
    /// <summary>The difference between the lowest score of a token and the score of an unknown character.</summary>
    private const double UnknownPenalty = 10;

    private readonly double[] _scores;
    private readonly int? _unknown;
    private readonly int[]? _bytes;
    private readonly double _unknownScore;
    private readonly CharTrie _trie = new();

    /// <param name="vocabulary">All tokens.</param>
    /// <param name="pieces">The tokens that a text can be segmented into. Other tokens only have an id.</param>
    /// <param name="scores">The scores, by id.</param>
    /// <param name="unknown">The id of the unknown token.</param>
    /// <param name="byteFallback">Whether unknown characters become their bytes.</param>
    /// <param name="worst">The lowest score of a token.</param>
    public UnigramModel(Vocabulary vocabulary, IEnumerable<(string Token, int Id)> pieces, double[] scores, int? unknown, bool byteFallback, double worst)
        : base(vocabulary)
    {
        (_scores, _unknown, _unknownScore) = (scores, unknown, worst - UnknownPenalty);
        foreach (var (token, id) in pieces) _trie.Add(token, id);
        if (byteFallback) _bytes = [.. Enumerable.Range(0, 256).Select(b => vocabulary.IdOf($"<0x{b:X2}>") ?? -1)];
    }

    public override int? Unknown => _unknown;

    protected override void Tokenize(ReadOnlySpan<char> word, EncodeState state)
    {
        var search = state.Unigram;
        search.Start(word.Length);
        Span<double> scores = search.Scores;
        Span<int> ids = search.Ids, starts = search.Starts;
        for (int at = 0, units; at < word.Length; at += units)
        {
            units = char.IsHighSurrogate(word[at]) && at + 1 < word.Length ? 2 : 1;
            var (here, single) = (scores[at], false);
            var (node, i) = (0, at);
            for (; i < word.Length; i++)
            {
                if ((node = _trie.Next(node, word[i])) < 0) break;
                if (_trie.IdAt(node) is not (>= 0 and var id)) continue;
                Offer(i + 1, at, id, _scores[id] + here, scores, ids, starts);
                single |= i + 1 == at + units;
            }
            state.Budget.Spend(i - at);
            if (single) continue;
            if (_unknown is not { } unknown) throw new SkTuningException("A character has no token, and the tokenizer has no unknown token.");
            Offer(at + units, at, unknown, _unknownScore + here, scores, ids, starts);
        }
        Collect(word, state.Word, ids, starts);
    }

    private static void Offer(int end, int start, int id, double score, Span<double> scores, Span<int> ids, Span<int> starts)
    {
        if (starts[end] >= 0 && score <= scores[end]) return;
        (scores[end], ids[end], starts[end]) = (score, id, start);
    }

    /// <summary>Collects the tokens of the best segmentation. Adjacent unknown tokens become one.</summary>
    private void Collect(ReadOnlySpan<char> word, WordScratch scratch, Span<int> ids, Span<int> starts)
    {
        var end = word.Length;
        // The chain is reversed in place, so that each position refers to the end of the token that starts there.
        var next = -1;
        while (end > 0)
        {
            var start = starts[end];
            starts[end] = next;
            next = end;
            end = start;
        }
        for (int at = 0, stop = next; stop > 0; at = stop, stop = starts[stop])
        {
            var id = ids[stop];
            if (id != _unknown)
            {
                scratch.Add(id, stop - at);
                continue;
            }
            while (starts[stop] > 0 && ids[starts[stop]] == _unknown) stop = starts[stop];
            AddUnknown(word[at..stop], scratch);
        }
    }

    private void AddUnknown(ReadOnlySpan<char> text, WordScratch scratch)
    {
        // A run of unknown characters may be a token as a whole.
        if (Vocabulary.TryGet(text, out var id)) scratch.Add(id, text.Length);
        else if (_bytes is null || !AddBytes(text, scratch)) scratch.Add(_unknown!.Value, text.Length);
    }

    private bool AddBytes(ReadOnlySpan<char> text, WordScratch scratch)
    {
        var bytes = System.Text.Encoding.UTF8.GetBytes(text.ToArray());
        foreach (var b in bytes)
            if (_bytes![b] < 0) return false;
        for (var i = 0; i < bytes.Length; i++) scratch.Add(_bytes![bytes[i]], i == 0 ? text.Length : 0);
        return true;
    }

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("unigram", _unknown, _bytes is not null, _unknownScore);
        Vocabulary.Describe(fingerprint);
        foreach (var score in _scores) fingerprint.Bytes(BitConverter.GetBytes(score));
    }
}
