using System.Buffers;

namespace SkTuning.Tokenizers.Text;

/// <summary>Finds tokens in a text: the leftmost match, and the longest of the matches that start there.</summary>
internal sealed class TokenTrie
{
    private readonly CharTrie _trie = new();
    private readonly HashSet<char> _starts = [];
    private SearchValues<char>? _first;

    public bool IsEmpty => _starts.Count == 0;

    /// <summary>Adds a token. If its text was added before, the earlier token is kept.</summary>
    public void Add(string text, int token)
    {
        if (text.Length == 0 || (_trie.Walk(text) is >= 0 and var node && _trie.IdAt(node) >= 0)) return;
        _trie.Add(text, token);
        if (_starts.Add(text[0])) _first = null;
    }

    /// <summary>Finds the next match at or after <paramref name="from"/>.</summary>
    public bool Find(ReadOnlySpan<char> text, int from, WorkBudget budget, out int start, out int end, out int token)
    {
        (start, end, token) = (0, 0, -1);
        if (IsEmpty) return false;
        _first ??= SearchValues.Create([.. _starts]);
        for (var at = from; at < text.Length; at++)
        {
            var skip = text[at..].IndexOfAny(_first);
            if (skip < 0) return false;
            at += skip;
            if (!FindAt(text, at, budget, out var length, out token)) continue;
            (start, end) = (at, at + length);
            return true;
        }
        return false;
    }

    /// <summary>Finds the longest token that starts at <paramref name="at"/>.</summary>
    public bool FindAt(ReadOnlySpan<char> text, int at, WorkBudget budget, out int length, out int token)
    {
        (length, token) = (0, -1);
        var (node, i) = (0, at);
        for (; i < text.Length && (node = _trie.Next(node, text[i])) >= 0; i++)
            if (_trie.IdAt(node) is >= 0 and var id) (length, token) = (i + 1 - at, id);
        // Tokens are short, but a file may name one that a text of a single letter follows for a long way from each of its positions.
        budget.Spend(1 + i - at);
        return token >= 0;
    }
}
