using SkTuning.Tokenizers.Normalizers;
using SkTuning.Tokenizers.SubwordModels;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.AddedTokens;

/// <summary>The added tokens, which are found in a text as the Hugging Face tokenizers library defines it.</summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<int, AddedToken> _byId = [];
    private readonly Dictionary<string, int> _byContent = new(StringComparer.Ordinal);
    private readonly HashSet<string> _special = new(StringComparer.Ordinal);
    private readonly List<AddedToken> _order = [];
    private readonly TokenTrie _raw = new();
    private readonly TokenTrie _normalized = new();

    /// <summary>
    /// Adds tokens in order. A token that is in the model's vocabulary keeps that id; any other gets the next free id, whatever id a file gives it. The
    /// library reads a file in the same way.
    /// </summary>
    public AddedVocabulary(IEnumerable<AddedToken> tokens, Vocabulary vocabulary, NormalizerStep? normalizer, string file)
    {
        var known = new HashSet<AddedToken>();
        foreach (var token in tokens)
        {
            if (token.Content.Length == 0 || known.Contains(token)) continue;
            var id = _byContent.TryGetValue(token.Content, out var given)
                ? given
                : vocabulary.IdOf(token.Content) ?? Math.Max(vocabulary.Count, LargestId + 1);
            _byContent[token.Content] = id;
            if (_byId.TryGetValue(id, out var replaced)) known.Remove(replaced);
            _byId[id] = token;
            known.Add(token);
            LargestId = Math.Max(LargestId, id);
            if (token.Special && !_special.Add(token.Content)) continue;
            _order.Add(token);
        }
        var state = new TextState(file);
        state.Budget.Start(_order.Sum(t => (long)t.Content.Length));
        foreach (var token in _order.Where(t => t.Special).Concat(_order.Where(t => !t.Special)))
        {
            var id = _byContent[token.Content];
            if (!token.Normalized)
            {
                _raw.Add(token.Content, id);
                continue;
            }
            state.Load(token.Content, 0, offsets: false);
            normalizer?.Apply(state);
            state.Budget.Made(state.Text.Length);
            _normalized.Add(state.Text.Span.ToString(), id);
        }
    }

    /// <summary>The largest id of an added token, or -1.</summary>
    public int LargestId { get; private set; } = -1;

    public IReadOnlyList<AddedToken> Tokens => _order;

    /// <summary>Finds the tokens that are searched for in the original text.</summary>
    public Matches InRawText(ReadOnlySpan<char> text, WorkBudget budget) => new(this, _raw, text, budget);

    /// <summary>Finds the tokens that are searched for in the normalized text.</summary>
    public Matches InNormalizedText(ReadOnlySpan<char> text, WorkBudget budget) => new(this, _normalized, text, budget);

    public int? IdOf(string content) => _byContent.TryGetValue(content, out var id) ? id : null;

    public string? TokenOf(int id) => _byId.TryGetValue(id, out var token) ? token.Content : null;

    public bool IsSpecial(string token) => _special.Contains(token);

    public bool IsSpecial(int id) => _byId.TryGetValue(id, out var token) && _special.Contains(token.Content);

    public void Describe(Fingerprint fingerprint)
    {
        foreach (var t in _order.OrderBy(t => _byContent[t.Content]))
            fingerprint.Add("added", _byContent[t.Content], t.Content, t.SingleWord, t.LeftStrip, t.RightStrip, t.Normalized, t.Special);
    }

    /// <summary>Enumerates the parts of a text, in order: added tokens, and the text between them (<see cref="Piece.Token"/> is -1).</summary>
    public ref struct Matches(AddedVocabulary tokens, TokenTrie trie, ReadOnlySpan<char> text, WorkBudget budget)
    {
        private readonly ReadOnlySpan<char> _text = text;
        private int _done;
        private int _from;
        private Piece _space;
        private Piece _waiting = new(0, 0, -2);

        public Piece Current { get; private set; }

        public readonly Matches GetEnumerator() => this;

        public bool MoveNext()
        {
            if (_waiting.Token >= 0)
            {
                (Current, _waiting) = (_waiting, new(0, 0, -2));
                return true;
            }
            while (trie.Find(_text, _from, budget, out var start, out var end, out var id))
            {
                _from = end;
                var token = tokens._byId[id];
                if (token.SingleWord && (EndsWithWord(_text[..start]) || StartsWithWord(_text[end..]))) continue;
                if (token.LeftStrip)
                {
                    while (start > _done && CharClasses.IsSpace(_text[start - 1])) start--;
                }
                if (token.RightStrip)
                {
                    // White space that an earlier token included is not read again: a token may be white space itself.
                    var from = end;
                    if (end >= _space.Start && end < _space.End) end = _space.End;
                    while (end < _text.Length && CharClasses.IsSpace(_text[end])) end++;
                    _space = new(from, end);
                }
                var before = new Piece(_done, start);
                _done = end;
                if (before.Start < before.End)
                {
                    (Current, _waiting) = (before, new(start, end, id));
                    return true;
                }
                Current = new(start, end, id);
                return true;
            }
            if (_done >= _text.Length) return false;
            (Current, _done, _from) = (new(_done, _text.Length), _text.Length, _text.Length);
            return true;
        }

        private static bool StartsWithWord(ReadOnlySpan<char> text)
            => text.Length > 0
                && WordCharacters.Contains(
                    text.Length > 1 && char.IsSurrogatePair(text[0], text[1]) ? char.ConvertToUtf32(text[0], text[1]) : text[0]);

        private static bool EndsWithWord(ReadOnlySpan<char> text)
            => text.Length > 0
                && WordCharacters.Contains(
                    text.Length > 1 && char.IsSurrogatePair(text[^2], text[^1]) ? char.ConvertToUtf32(text[^2], text[^1]) : text[^1]);
    }
}
