using System.Buffers;

namespace SkTuning.Tokenizers.Text;

/// <summary>Finds tokens in a text: the leftmost match, and the longest of the matches that start there.</summary>
internal sealed class TokenTrie
{
    private readonly Dictionary<(int Node, char Unit), int> _edges = [];
    private readonly List<int> _tokens = [-1];
    private SearchValues<char>? _first;

    public bool IsEmpty => _edges.Count == 0;

    /// <summary>Adds a token. If its text was added before, the earlier token is kept.</summary>
    public void Add(string text, int token)
    {
        if (text.Length == 0) return;
        var node = 0;
        foreach (var unit in text)
        {
            if (!_edges.TryGetValue((node, unit), out var next))
            {
                next = _tokens.Count;
                _edges.Add((node, unit), next);
                _tokens.Add(-1);
            }
            node = next;
        }
        if (_tokens[node] < 0) _tokens[node] = token;
        _first = null;
    }

    /// <summary>Finds the next match at or after <paramref name="from"/>.</summary>
    public bool Find(ReadOnlySpan<char> text, int from, out int start, out int end, out int token)
    {
        (start, end, token) = (0, 0, -1);
        if (IsEmpty) return false;
        _first ??= SearchValues.Create([.. _edges.Keys.Where(e => e.Node == 0).Select(e => e.Unit)]);
        for (var at = from; at < text.Length; at++)
        {
            var skip = text[at..].IndexOfAny(_first);
            if (skip < 0) return false;
            at += skip;
            if (!FindAt(text, at, out var length, out token)) continue;
            (start, end) = (at, at + length);
            return true;
        }
        return false;
    }

    /// <summary>Finds the longest token that starts at <paramref name="at"/>.</summary>
    public bool FindAt(ReadOnlySpan<char> text, int at, out int length, out int token)
    {
        (length, token) = (0, -1);
        var node = 0;
        for (var i = at; i < text.Length && _edges.TryGetValue((node, text[i]), out node); i++)
            if (_tokens[node] >= 0) (length, token) = (i + 1 - at, _tokens[node]);
        return token >= 0;
    }
}
