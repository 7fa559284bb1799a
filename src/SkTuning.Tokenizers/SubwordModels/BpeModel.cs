using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>The settings of a byte-pair model, as in tokenizer.json.</summary>
internal sealed record BpeSettings
{
    public string? UnknownToken { get; init; }
    public string? ContinuingPrefix { get; init; }
    public string? WordSuffix { get; init; }
    public bool FuseUnknown { get; init; }
    public bool ByteFallback { get; init; }
    public bool IgnoreMerges { get; init; }
}

/// <summary>
/// Byte-pair encoding as the Hugging Face tokenizers library defines it. A word starts as its characters (or its UTF-8 bytes, see <see cref="OnBytes"/>). The
/// pair of the lowest rank is merged, the leftmost one of equal rank, until no pair can be merged.
/// </summary>
internal sealed class BpeModel : SubwordModel
{
    private readonly BpeSettings _settings;
    private readonly MergeTable _merges;
    private readonly int? _unknown;
    private readonly int[] _alphabet = new int[256];
    private readonly int[] _fallback = new int[256];
    private readonly SafeCuts? _cuts;
    private readonly ByteCuts? _byteCuts;
    private readonly int _longestToken;
    private readonly bool _bytesAreKnown;

    public BpeModel(Vocabulary vocabulary, MergeTable merges, BpeSettings settings, bool onBytes) : base(vocabulary)
    {
        (_settings, _merges, OnBytes) = (settings, merges, onBytes);
        _unknown = settings.UnknownToken is { } token ? vocabulary.IdOf(token) : null;
        for (var b = 0; b < 256; b++)
        {
            _alphabet[b] = vocabulary.IdOf(ByteAlphabet.CharOf((byte)b).ToString()) ?? -1;
            _fallback[b] = settings.ByteFallback ? vocabulary.IdOf($"<0x{b:X2}>") ?? -1 : -1;
        }
        _bytesAreKnown = _fallback.All(id => id >= 0);
        if (!onBytes && settings.ContinuingPrefix is null && settings.WordSuffix is null && !settings.IgnoreMerges)
            _cuts = SafeCuts.Of(vocabulary, merges, IsKnown);
        if (onBytes && _alphabet.All(id => id >= 0)) _byteCuts = ByteCuts.Of(vocabulary, merges);
        if (settings.IgnoreMerges) _longestToken = Enumerable.Range(0, vocabulary.Size).Max(id => vocabulary.TokenOf(id)?.Length ?? 0);
    }

    /// <summary>Whether a character has a token, or becomes its bytes.</summary>
    private bool IsKnown(char c) => _bytesAreKnown || Vocabulary.TryGet([c], out _);

    /// <summary>Whether the pieces are raw text whose bytes the model reads itself, so that the byte-level pre-tokenizer does not write them.</summary>
    public bool OnBytes { get; }

    public override int? Unknown => _unknown;

    /// <summary>Determines whether the model can read bytes directly: only if no setting refers to characters.</summary>
    public static bool CanReadBytes(BpeSettings settings) => settings is { ContinuingPrefix: null, WordSuffix: null, ByteFallback: false };

    public override void Encode(ReadOnlySpan<char> piece, EncodeState state)
    {
        if (_cuts is not null)
        {
            for (int at = 0, end; at < piece.Length && !state.Tokens.IsFull; at = end)
            {
                end = _cuts.Next(piece, at);
                EncodeWord(piece[at..end], at, state);
            }
        }
        else if (_byteCuts is not null && piece.Length > _longestToken && _byteCuts.Next(piece, 0) < piece.Length)
        {
            // A piece that is longer than any token is not a token itself; neither are its parts looked up as words.
            for (int at = 0, end; at < piece.Length && !state.Tokens.IsFull; at = end)
            {
                end = _byteCuts.Next(piece, at);
                state.Word.Start();
                StartFromBytes(piece[at..end], state.Word);
                state.Word.Merge(_merges);
                Write(piece[at..end], at, state);
            }
        }
        else EncodeWord(piece, 0, state);
    }

    protected override void Tokenize(ReadOnlySpan<char> word, EncodeState state)
    {
        var scratch = state.Word;
        if (_settings.IgnoreMerges && word.Length <= _longestToken && WholeWord(word, scratch)) return;
        if (OnBytes) StartFromBytes(word, scratch);
        else StartFromCharacters(word, scratch);
        scratch.Merge(_merges);
    }

    /// <summary>If the word is a token, adds that token, whatever the merges are.</summary>
    private bool WholeWord(ReadOnlySpan<char> word, WordScratch scratch)
    {
        int id;
        if (OnBytes)
        {
            var count = Utf8(word, scratch);
            var written = count <= 256 ? stackalloc char[256] : new char[count];
            for (var i = 0; i < count; i++) written[i] = ByteAlphabet.CharOf(scratch.Bytes[i]);
            if (!Vocabulary.TryGet(written[..count], out id)) return false;
            scratch.Add(id, count);
            return true;
        }
        if (!Vocabulary.TryGet(word, out id)) return false;
        scratch.Add(id, word.Length);
        return true;
    }

    private static int Utf8(ReadOnlySpan<char> word, WordScratch scratch)
    {
        if (scratch.Bytes.Length < word.Length * 3L) scratch.Bytes = new byte[Math.Max(word.Length * 3, scratch.Bytes.Length)];
        return System.Text.Encoding.UTF8.GetBytes(word, scratch.Bytes);
    }

    private void StartFromBytes(ReadOnlySpan<char> word, WordScratch scratch)
    {
        var count = Utf8(word, scratch);
        scratch.Reserve(count);
        var unknown = 0;
        for (var i = 0; i < count; i++)
        {
            var id = _alphabet[scratch.Bytes[i]];
            if (id >= 0)
            {
                Flush(scratch, ref unknown);
                scratch.Add(id, 1);
            }
            else Miss(scratch, ref unknown, 1);
        }
        Flush(scratch, ref unknown);
    }

    private void StartFromCharacters(ReadOnlySpan<char> word, WordScratch scratch)
    {
        var unknown = 0;
        scratch.Reserve(word.Length);
        for (int at = 0, units; at < word.Length; at += units)
        {
            units = char.IsHighSurrogate(word[at]) && at + 1 < word.Length ? 2 : 1;
            var symbol = word.Slice(at, units);
            var written = _settings.ContinuingPrefix is null && _settings.WordSuffix is null ? symbol : Affixed(symbol, at == 0, at + units == word.Length);
            if (Vocabulary.TryGet(written, out var id))
            {
                Flush(scratch, ref unknown);
                scratch.Add(id, units);
                continue;
            }
            if (_settings.ByteFallback && Fallback(written, units, scratch)) continue;
            Miss(scratch, ref unknown, units);
        }
        Flush(scratch, ref unknown);
    }

    private string Affixed(ReadOnlySpan<char> symbol, bool first, bool last)
        => string.Concat(first ? "" : _settings.ContinuingPrefix, symbol, last ? _settings.WordSuffix : "");

    /// <summary>
    /// Writes a character as its bytes, if there is a token for each. The token of the first byte covers the whole character and the others have length 0, so
    /// that offsets never split a character.
    /// </summary>
    private bool Fallback(ReadOnlySpan<char> symbol, int units, WordScratch scratch)
    {
        var bytes = symbol.Length <= 64 ? stackalloc byte[192] : new byte[symbol.Length * 3];
        var count = System.Text.Encoding.UTF8.GetBytes(symbol, bytes);
        foreach (var b in bytes[..count])
            if (_fallback[b] < 0) return false;
        for (var i = 0; i < count; i++) scratch.Add(_fallback[bytes[i]], i == 0 ? units : 0);
        return true;
    }

    /// <summary>
    /// Handles a symbol without a token: it becomes the unknown token, fused with those before it if set. If there is no unknown token, the previous token
    /// covers its text.
    /// </summary>
    private void Miss(WordScratch scratch, ref int unknown, int length)
    {
        if (_unknown is null)
        {
            if (scratch.Count > 0) scratch.Lengths[scratch.Count - 1] += length;
            else scratch.Skipped += length;
            return;
        }
        if (unknown > 0 && !_settings.FuseUnknown) Flush(scratch, ref unknown);
        unknown += length;
    }

    private void Flush(WordScratch scratch, ref int unknown)
    {
        if (unknown > 0) scratch.Add(_unknown!.Value, unknown);
        unknown = 0;
    }

    protected override void Write(ReadOnlySpan<char> word, int at, ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths, TokenList tokens)
    {
        if (OnBytes && !System.Text.Ascii.IsValid(word)) WriteFromBytes(word, at, ids, lengths, tokens);
        else base.Write(word, at, ids, lengths, tokens);
    }

    /// <summary>Adds tokens whose lengths count bytes. A token covers every character that it has a byte of.</summary>
    private static void WriteFromBytes(ReadOnlySpan<char> word, int at, ReadOnlySpan<int> ids, ReadOnlySpan<int> lengths, TokenList tokens)
    {
        var (unit, unitEnd, byteEnd, done) = (0, 0, 0, 0);
        for (var i = 0; i < ids.Length; i++)
        {
            Reach(word, done + 1, ref unit, ref unitEnd, ref byteEnd);
            var start = unit;
            done += lengths[i];
            Reach(word, done, ref unit, ref unitEnd, ref byteEnd);
            tokens.Add(ids[i], at + start, at + unitEnd);
        }

        // Moves to the character that contains the last of the first `bytes` bytes.
        static void Reach(ReadOnlySpan<char> word, int bytes, ref int unit, ref int unitEnd, ref int byteEnd)
        {
            while (byteEnd < bytes && unitEnd < word.Length)
            {
                unit = unitEnd;
                var c = word[unit];
                var pair = char.IsHighSurrogate(c) && unit + 1 < word.Length;
                unitEnd += pair ? 2 : 1;
                byteEnd += pair ? 4 : c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            }
        }
    }

    public override void Describe(Fingerprint fingerprint)
    {
        fingerprint.Add(
            "bpe", _settings.UnknownToken, _settings.ContinuingPrefix ?? "", _settings.WordSuffix ?? "", _settings.FuseUnknown, _settings.ByteFallback,
            _settings.IgnoreMerges);
        Vocabulary.Describe(fingerprint);
        fingerprint.Add("merges", _merges.Count);
        Span<byte> bytes = stackalloc byte[12];
        foreach (var (left, right, result) in _merges.InOrder())
        {
            BitConverter.TryWriteBytes(bytes, left);
            BitConverter.TryWriteBytes(bytes[4..], right);
            BitConverter.TryWriteBytes(bytes[8..], result);
            fingerprint.Bytes(bytes);
        }
    }
}
