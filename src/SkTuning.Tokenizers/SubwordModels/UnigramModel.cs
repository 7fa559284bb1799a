using SkTuning.Tokenizers.Sources;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>
/// SentencePiece's unigram model as the Hugging Face tokenizers library runs it: the segmentation whose scores sum up highest, found from left to right, an earlier
/// start winning a tie; runs of unknown characters become one unknown token, or their bytes.
/// </summary>
internal sealed class UnigramModel : SubwordModel
{
    /// <summary>How much worse than the worst token an unknown character is.</summary>
    private const double UnknownPenalty = 10;

    private readonly double[] _scores;
    private readonly int? _unknown;
    private readonly int[]? _bytes;
    private readonly double _unknownScore;
    private readonly CharTrie _trie = new();

    /// <param name="vocabulary">All tokens.</param>
    /// <param name="pieces">The tokens that a text can be cut into; others have an id only.</param>
    /// <param name="scores">By id.</param>
    /// <param name="unknown">The id of the unknown token.</param>
    /// <param name="byteFallback">Whether unknown characters become their bytes.</param>
    /// <param name="worst">The score below which the unknown one lies.</param>
    public UnigramModel(Vocabulary vocabulary, IEnumerable<(string Token, int Id)> pieces, double[] scores, int? unknown, bool byteFallback, double worst) : base(vocabulary)
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
            var node = 0;
            for (var i = at; i < word.Length; i++)
            {
                if ((node = _trie.Next(node, word[i])) < 0) break;
                if (_trie.IdAt(node) is not (>= 0 and var id)) continue;
                Offer(i + 1, at, id, _scores[id] + here, scores, ids, starts);
                single |= i + 1 == at + units;
            }
            if (!single) Offer(at + units, at, _unknown ?? throw new SkTuningException("A character has no token, and the tokenizer has no unknown token."), _unknownScore + here, scores, ids, starts);
        }
        Collect(word, state.Word, ids, starts);
    }

    private static void Offer(int end, int start, int id, double score, Span<double> scores, Span<int> ids, Span<int> starts)
    {
        if (starts[end] >= 0 && score <= scores[end]) return;
        (scores[end], ids[end], starts[end]) = (score, id, start);
    }

    /// <summary>Walks back from the end; neighbouring unknown ones become one.</summary>
    private void Collect(ReadOnlySpan<char> word, WordScratch scratch, Span<int> ids, Span<int> starts)
    {
        var end = word.Length;
        // The chain is turned around in place: each place learns where the token that starts there ends.
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
        // What is unknown character by character may be a token as a whole.
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
