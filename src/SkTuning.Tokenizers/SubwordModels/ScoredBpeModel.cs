using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>
/// SentencePiece's byte-pair model. Two neighbors are merged if they form a piece together, the highest score first, the leftmost one of equal score. Every way
/// to split a piece in two is such a merge. User-defined pieces are kept whole. Characters without a piece become bytes, or one unknown token per run.
/// </summary>
internal sealed class ScoredBpeModel : SubwordModel
{
    /// <summary>A character that is in no piece.</summary>
    private const int Nothing = int.MinValue;

    /// <summary>A limit, because every way to split each piece is checked. The pieces of real models are a few characters long.</summary>
    private const int MaxPieceLength = 256;

    private readonly MergeTable _merges;
    private readonly Dictionary<string, int> _symbols = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _symbolOf;
    private readonly TokenTrie _whole = new();
    private readonly int[]? _bytes;
    private readonly int? _unknown;
    private readonly SafeCuts? _cuts;
    private readonly int _size;
    private readonly IReadOnlyList<SentencePiece> _pieces;
    private readonly bool _byteFallback;

    public ScoredBpeModel(Vocabulary vocabulary, IReadOnlyList<SentencePiece> pieces, bool byteFallback, int? unknown, string file) : base(vocabulary)
    {
        (_pieces, _byteFallback, _unknown, _size) = (pieces, byteFallback, unknown, vocabulary.Size);
        _symbolOf = _symbols.GetAlternateLookup<ReadOnlySpan<char>>();
        if (byteFallback)
        {
            var bytes = Enumerable.Range(0, 256).Select(b => vocabulary.IdOf($"<0x{b:X2}>") ?? -1).ToArray();
            _bytes = bytes.All(b => b >= 0) ? bytes : null;
        }
        var all = pieces.Select((p, id) => (p.Text, p.Score, p.Kind, Id: id)).ToList();
        if (all.Find(p => p.Kind == PieceKind.Unused) is { Text: not null } unused)
            throw SkTuningException.BadFile(
                file, $"pieces[{unused.Id}]", $"'{unused.Text}' of the type 'unused', which is not implemented for byte-pair models",
                "normal, control, byte or user-defined pieces");
        foreach (var (text, _, kind, id) in all)
        {
            if (kind == PieceKind.Normal) _symbols.TryAdd(text, id);
            if (kind == PieceKind.UserDefined) _whole.Add(text, id);
        }
        var mergeable = all.Where(p => p.Kind is PieceKind.Normal or PieceKind.UserDefined && p.Text.Length > 1).ToList();
        if (mergeable.Find(p => p.Text.Length > MaxPieceLength) is { Text: not null } tooLong)
            throw SkTuningException.BadFile(file, $"pieces[{tooLong.Id}]", $"{tooLong.Text.Length} characters long", $"at most {MaxPieceLength}");
        _merges = BuildMerges(mergeable);
        if (_symbols.ContainsKey("\u2581")) _cuts = SafeCuts.Of(mergeable.Select(p => p.Text), IsKnown);
    }

    public override int? Unknown => _unknown;

    /// <summary>Whether a character has a piece, or becomes its bytes.</summary>
    private bool IsKnown(char c) => _bytes is not null || (_symbolOf.TryGetValue([c], out var id) && id < _size);

    public override void Encode(ReadOnlySpan<char> piece, EncodeState state)
    {
        for (int at = 0, end; at < piece.Length && !state.Tokens.IsFull; at = end)
        {
            end = _cuts?.Next(piece, at) ?? piece.Length;
            EncodeWord(piece[at..end], at, state);
        }
    }

    /// <summary>Adds a merge for every way to split every piece. Equal scores give equal ranks.</summary>
    private MergeTable BuildMerges(List<(string Text, float Score, PieceKind Kind, int Id)> pieces)
    {
        var ranks = pieces.Select(p => p.Score).Distinct().OrderDescending().Index().ToDictionary(p => p.Item, p => p.Index);
        var found = new List<(int Left, int Right, int Rank, int Id)>();
        foreach (var (text, score, _, id) in pieces)
            for (var i = 1; i < text.Length; i++)
                if (!char.IsLowSurrogate(text[i]) && SymbolOf(text.AsSpan(0, i)) is >= 0 and var left && SymbolOf(text.AsSpan(i)) is >= 0 and var right)
                    found.Add((left, right, ranks[score], id));
        var merges = new MergeTable(found.Count);
        foreach (var (left, right, rank, id) in found) merges.Set(left, right, rank, id);
        return merges;
    }

    /// <summary>
    /// Returns the id of a piece, or -1. A single character without a piece gets its own number after the vocabulary, because it can still be merged.
    /// </summary>
    private int SymbolOf(ReadOnlySpan<char> text)
    {
        if (_symbolOf.TryGetValue(text, out var id)) return id;
        if (CodePoints.At(text, 0, out var units) < 0 || units != text.Length) return -1;
        id = _size + _symbols.Count;
        _symbols.Add(text.ToString(), id);
        return id;
    }

    protected override void Tokenize(ReadOnlySpan<char> word, EncodeState state)
    {
        var scratch = state.Word;
        for (int at = 0, units; at < word.Length; at += units)
        {
            // A negative number never merges. It stands for a whole piece, or for a character that is in no piece.
            if (!_whole.IsEmpty && _whole.FindAt(word, at, state.Budget, out units, out var whole))
            {
                scratch.Add(-2 - whole, units);
                continue;
            }
            CodePoints.At(word, at, out units);
            scratch.Add(_symbolOf.TryGetValue(word.Slice(at, units), out var id) ? id : Nothing, units);
        }
        scratch.Merge(_merges);
        Finish(word, scratch);
    }

    /// <summary>Converts symbols to ids. Characters without a piece become bytes or the unknown token.</summary>
    private void Finish(ReadOnlySpan<char> word, WordScratch scratch)
    {
        var plain = true;
        for (var i = 0; i < scratch.Count; i++)
        {
            var symbol = scratch.Ids[i];
            if (symbol < 0 && symbol != Nothing) scratch.Ids[i] = -2 - symbol;
            else if (symbol < 0 || symbol >= _size) (scratch.Ids[i], plain) = (-1, false);
        }
        if (plain) return;
        var (ids, lengths) = (scratch.Ids.AsSpan(0, scratch.Count).ToArray(), scratch.Lengths.AsSpan(0, scratch.Count).ToArray());
        scratch.Start();
        Span<byte> utf8 = stackalloc byte[4];
        var at = 0;
        for (var i = 0; i < ids.Length; at += lengths[i], i++)
        {
            if (ids[i] >= 0) scratch.Add(ids[i], lengths[i]);
            else if (_bytes is not null)
            {
                System.Text.Encoding.UTF8.TryGetBytes(word.Slice(at, lengths[i]), utf8, out var count);
                for (var b = 0; b < count; b++) scratch.Add(_bytes[utf8[b]], b == 0 ? lengths[i] : 0);
            }
            else if (i > 0 && ids[i - 1] < 0) scratch.Lengths[scratch.Count - 1] += lengths[i];
            else scratch.Add(_unknown ?? throw new SkTuningException("A character has no token, and the tokenizer has no unknown token."), lengths[i]);
        }
    }

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add("scored-bpe", _unknown, _byteFallback);
        foreach (var piece in _pieces) fingerprint.Add(piece.Text, piece.Score, piece.Kind);
    }
}
