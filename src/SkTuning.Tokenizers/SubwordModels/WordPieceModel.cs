using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>
/// BERT's model: the longest token that the word starts with, then the longest continuing token, and so on. A word that cannot be split completely is unknown
/// as a whole.
/// </summary>
internal sealed class WordPieceModel : SubwordModel
{
    private readonly CharTrie _trie = new();
    private readonly int _continuing;
    private readonly string _prefix;
    private readonly int _maxWordLength;
    private readonly int _unknown;

    public WordPieceModel(Vocabulary vocabulary, int unknown, string continuingPrefix, int maxWordLength) : base(vocabulary)
    {
        (_unknown, _prefix, _maxWordLength) = (unknown, continuingPrefix, maxWordLength);
        for (var id = 0; id < vocabulary.Size; id++)
            if (vocabulary.TokenOf(id) is { } token && vocabulary.IdOf(token) == id) _trie.Add(token, id);
        _continuing = _trie.Walk(continuingPrefix);
    }

    public override int? Unknown => _unknown;

    protected override void Tokenize(ReadOnlySpan<char> word, EncodeState state)
    {
        var scratch = state.Word;
        if (!IsShort(word) || !Pieces(word, scratch, state.Budget))
        {
            scratch.Start();
            scratch.Add(_unknown, word.Length);
        }
    }

    private bool Pieces(ReadOnlySpan<char> word, WordScratch scratch, WorkBudget budget)
    {
        for (var start = 0; start < word.Length;)
        {
            var (node, id, end) = (start == 0 ? 0 : _continuing, -1, start);
            var i = start;
            for (; i < word.Length && node >= 0; i++)
            {
                node = _trie.Next(node, word[i]);
                if (node >= 0 && _trie.IdAt(node) is >= 0 and var found) (id, end) = (found, i + 1);
            }
            budget.Spend(i - start);
            if (id < 0) return false;
            scratch.Add(id, end - start);
            start = end;
        }
        return true;
    }

    /// <summary>Checks the maximum word length, which counts characters, not code units.</summary>
    private bool IsShort(ReadOnlySpan<char> word)
    {
        if (word.Length <= _maxWordLength) return true;
        var count = 0;
        for (int at = 0, units; at < word.Length && count <= _maxWordLength; at += units, count++) CodePoints.At(word, at, out units);
        return count <= _maxWordLength;
    }

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("word-piece", _unknown, _prefix, _maxWordLength);
        Vocabulary.Describe(fingerprint);
    }
}
