using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>
/// Finds the positions where a text that is one long word can be split without changing its tokens. If no merged token contains two characters side by side, no
/// merge can span them, so splitting between them is exact. For Llama-style models, which treat a whole text as one word, this yields short words that can be
/// cached.
/// </summary>
internal sealed class SafeCuts
{
    /// <summary>A word longer than this is split after any word sign.</summary>
    private const int LongWord = 40;

    /// <summary>A word longer than this is split between any two characters.</summary>
    private const int VeryLongWord = 4_096;
    private const char Space = '\u2581';

    private readonly HashSet<int> _inside = [];
    private readonly bool[] _beforeSpace = new bool[0x10000];
    private readonly Func<char, bool> _isKnown;

    private SafeCuts(Func<char, bool> isKnown) => _isKnown = isKnown;

    /// <summary>Returns the safe cuts of a vocabulary, or null if the word sign is not a token: a run of unknown characters could then span it.</summary>
    /// <param name="vocabulary">The vocabulary.</param>
    /// <param name="merges">The merges.</param>
    /// <param name="isKnown">Whether a character is never part of a run that becomes one unknown token.</param>
    public static SafeCuts? Of(Vocabulary vocabulary, MergeTable merges, Func<char, bool> isKnown)
    {
        var tokens = new List<string>();
        foreach (var (left, right, result) in merges.InOrder())
        {
            // The token of a merge of bytes does not show the characters that it contains.
            if (IsByte(vocabulary.TokenOf(left)!) || IsByte(vocabulary.TokenOf(right)!)) return null;
            tokens.Add(vocabulary.TokenOf(result)!);
        }
        return vocabulary.IdOf(Space.ToString()) is null ? null : Of(tokens, isKnown);
    }

    /// <summary>Returns the safe cuts for tokens of more than one character.</summary>
    public static SafeCuts Of(IEnumerable<string> tokens, Func<char, bool> isKnown)
    {
        var cuts = new SafeCuts(isKnown);
        foreach (var token in tokens)
            for (var i = 1; i < token.Length; i++)
            {
                cuts._inside.Add(token[i - 1] << 16 | token[i]);
                if (token[i] == Space) cuts._beforeSpace[token[i - 1]] = true;
            }
        return cuts;
    }

    private static bool IsByte(string token) => token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal);

    /// <summary>Returns the end of the word that starts at <paramref name="at"/>.</summary>
    public int Next(ReadOnlySpan<char> text, int at)
    {
        for (var i = at + 1; i < text.Length; i++)
        {
            var safe = text[i] == Space
                ? !_beforeSpace[text[i - 1]]
                : i - at > LongWord && (text[i - 1] == Space || (i - at > VeryLongWord && IsPlain(text[i - 1], text[i])))
                    && !_inside.Contains(text[i - 1] << 16 | text[i]);
            if (safe) return i;
        }
        return text.Length;
    }

    private bool IsPlain(char left, char right) => !char.IsLowSurrogate(right) && _isKnown(left) && _isKnown(right);
}

/// <summary>
/// Finds the positions where a very long piece can be split without changing its tokens, for models that read bytes: between two characters whose neighboring
/// bytes are in no merged token side by side. It bounds the memory for pieces such as a million symbols in a row.
/// </summary>
internal sealed class ByteCuts
{
    private const int VeryLongPiece = 4_096;

    private readonly bool[] _inside = new bool[0x10000];

    /// <summary>Returns the cuts, or null if a merged token contains anything but bytes.</summary>
    public static ByteCuts? Of(Vocabulary vocabulary, MergeTable merges)
    {
        var cuts = new ByteCuts();
        foreach (var (_, _, result) in merges.InOrder())
        {
            var token = vocabulary.TokenOf(result)!;
            for (var i = 0; i < token.Length; i++)
            {
                if (ByteAlphabet.ByteOf(token[i]) < 0) return null;
                if (i > 0) cuts._inside[ByteAlphabet.ByteOf(token[i - 1]) << 8 | ByteAlphabet.ByteOf(token[i])] = true;
            }
        }
        return cuts;
    }

    /// <summary>Returns the end of the part that starts at <paramref name="at"/>.</summary>
    public int Next(ReadOnlySpan<char> text, int at)
    {
        for (var i = at + VeryLongPiece; i < text.Length; i++)
            if (!char.IsLowSurrogate(text[i]) && !_inside[Last(text[i - 1]) << 8 | First(text[i..])]) return i;
        return text.Length;
    }

    private static int First(ReadOnlySpan<char> text) => CodePoints.At(text, 0, out _) switch
    {
        < 0x80 and var c => c,
        < 0x800 and var c => 0xC0 | c >> 6,
        < 0x10000 and var c => 0xE0 | c >> 12,
        var c => 0xF0 | c >> 18,
    };

    private static int Last(char c) => c < 0x80 ? c : 0x80 | c & 0x3F;
}
