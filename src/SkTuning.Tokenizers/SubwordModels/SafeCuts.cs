namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>
/// Finds the positions where a text that is one long word can be split without changing its tokens. If no merged token contains two characters side by side, no
/// merge can span them, so splitting between them is exact. For Llama-style models, which treat a whole text as one word, this yields short words that can be
/// cached.
/// </summary>
internal sealed class SafeCuts
{
    /// <summary>A word longer than this is split at any safe position.</summary>
    private const int LongWord = 40;
    private const char Space = '\u2581';

    private readonly HashSet<int> _inside = [];
    private readonly bool[] _beforeSpace = new bool[0x10000];

    private SafeCuts() { }

    /// <summary>Returns the safe cuts of a vocabulary, or null if the word sign is not a token: a run of unknown characters could then span it.</summary>
    public static SafeCuts? Of(Vocabulary vocabulary, MergeTable merges)
    {
        var tokens = new List<string>();
        foreach (var (left, right, result) in merges.InOrder())
        {
            // The token of a merge of bytes does not show the characters that it contains.
            if (IsByte(vocabulary.TokenOf(left)!) || IsByte(vocabulary.TokenOf(right)!)) return null;
            tokens.Add(vocabulary.TokenOf(result)!);
        }
        return vocabulary.IdOf(Space.ToString()) is null ? null : Of(tokens);
    }

    /// <summary>Returns the safe cuts for tokens of more than one character.</summary>
    public static SafeCuts Of(IEnumerable<string> tokens)
    {
        var cuts = new SafeCuts();
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
                : i - at > LongWord && text[i - 1] == Space && !_inside.Contains(text[i - 1] << 16 | text[i]);
            if (safe) return i;
        }
        return text.Length;
    }
}
