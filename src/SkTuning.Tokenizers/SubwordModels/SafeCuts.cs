namespace SkTuning.Tokenizers.SubwordModels;

/// <summary>
/// Where a text without words may be cut without changing its tokens. No merge can reach over two characters that stand side by side in no merged token, so
/// a cut between them is exact. Llama-style models, which see a whole text as one word, become a row of short words that the cache knows.
/// </summary>
internal sealed class SafeCuts
{
    /// <summary>Longer than this, a cut at any safe place is better than none.</summary>
    private const int LongWord = 40;
    private const char Space = '\u2581';

    private readonly HashSet<int> _inside = [];
    private readonly bool[] _beforeSpace = new bool[0x10000];

    private SafeCuts() { }

    /// <summary>The safe cuts of a vocabulary, or null where the word sign is no token of its own (a run of unknown characters could reach over it).</summary>
    public static SafeCuts? Of(Vocabulary vocabulary, MergeTable merges)
    {
        var tokens = new List<string>();
        foreach (var (left, right, result) in merges.InOrder())
        {
            // A merge of bytes speaks of characters that its token does not show.
            if (IsByte(vocabulary.TokenOf(left)!) || IsByte(vocabulary.TokenOf(right)!)) return null;
            tokens.Add(vocabulary.TokenOf(result)!);
        }
        return vocabulary.IdOf(Space.ToString()) is null ? null : Of(tokens);
    }

    /// <summary>The safe cuts for tokens of more than one character.</summary>
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

    /// <summary>The end of the word that starts at <paramref name="at"/>.</summary>
    public int Next(ReadOnlySpan<char> text, int at)
    {
        for (var i = at + 1; i < text.Length; i++)
        {
            var safe = text[i] == Space ? !_beforeSpace[text[i - 1]] : i - at > LongWord && text[i - 1] == Space && !_inside.Contains(text[i - 1] << 16 | text[i]);
            if (safe) return i;
        }
        return text.Length;
    }
}
