using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>Maps tokens to ids and ids to tokens.</summary>
internal sealed class Vocabulary
{
    /// <summary>The limit for ids. No model has a vocabulary near this size, so a larger id means that the file is damaged.</summary>
    public const int LargestId = 1 << 23;

    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _bySpan;
    private readonly string?[] _tokens;

    /// <summary>Takes ownership of the dictionary. The reader must have checked that the ids are from 0 to <see cref="LargestId"/>.</summary>
    public Vocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _bySpan = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new string?[ids.Count == 0 ? 0 : ids.Values.Max() + 1];
        foreach (var (token, id) in ids) _tokens[id] = token;
    }

    /// <summary>The number of tokens.</summary>
    public int Count => _ids.Count;

    /// <summary>The largest id plus one.</summary>
    public int Size => _tokens.Length;

    public int? IdOf(string token) => _ids.TryGetValue(token, out var id) ? id : null;

    public bool TryGet(ReadOnlySpan<char> token, out int id) => _bySpan.TryGetValue(token, out id);

    public string? TokenOf(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;

    public void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("vocabulary", _ids.Count);
        for (var id = 0; id < _tokens.Length; id++)
            if (_tokens[id] is { } token) fingerprint.Add(token, id);
    }
}
