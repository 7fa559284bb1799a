using SkTuning.Tokenizers.AddedTokens;

namespace SkTuning.Tokenizers.Sources;

/// <summary>Added tokens in order, each content once. A file may list a hundred thousand of them.</summary>
internal sealed class TokenTable
{
    private readonly List<AddedToken> _tokens = [];
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);

    public TokenTable(IEnumerable<AddedToken>? tokens = null)
    {
        foreach (var token in tokens ?? [])
        {
            _places.TryAdd(token.Content, _tokens.Count);
            _tokens.Add(token);
        }
    }

    public IReadOnlyList<AddedToken> Tokens => _tokens;

    /// <summary>Adds a token, unless there is one with its content.</summary>
    public void Add(AddedToken token)
    {
        if (_places.TryAdd(token.Content, _tokens.Count)) _tokens.Add(token);
    }

    /// <summary>Adds a token, or replaces the one with its content.</summary>
    public void Set(AddedToken token)
    {
        if (_places.TryGetValue(token.Content, out var place)) _tokens[place] = token;
        else Add(token);
    }
}
