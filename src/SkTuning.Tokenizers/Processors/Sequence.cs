using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Processors;

/// <summary>The tokens of one text before the template is applied: a copy of the state's tokens, which is truncated and trimmed in place.</summary>
/// <param name="tokens">The tokens.</param>
/// <param name="texts">The text, or the words of a text that was given as words.</param>
internal sealed class Sequence(TokenList tokens, IReadOnlyList<string> texts)
{
    /// <summary>Whether the list was full, so that the text may have more tokens.</summary>
    public bool IsCut { get; } = tokens.IsFull;

    public int[] Ids { get; private set; } = tokens.Ids.AsSpan(0, Math.Min(tokens.Count, tokens.Max)).ToArray();
    public int[] Starts { get; private set; } = tokens.Starts.AsSpan(0, Math.Min(tokens.Count, tokens.Max)).ToArray();
    public int[] Ends { get; private set; } = tokens.Ends.AsSpan(0, Math.Min(tokens.Count, tokens.Max)).ToArray();
    public int[] Words { get; private set; } = tokens.Words.AsSpan(0, Math.Min(tokens.Count, tokens.Max)).ToArray();

    public int Count => Ids.Length;

    /// <summary>Keeps at most <paramref name="count"/> tokens: the first ones, or the last ones.</summary>
    public void Keep(int count, bool first)
    {
        if (count >= Count) return;
        var range = first ? ..count : (Count - count)..;
        (Ids, Starts, Ends, Words) = (Ids[range], Starts[range], Ends[range], Words[range]);
    }

    /// <summary>
    /// Excludes white space at the ends of tokens from their offsets. If <paramref name="addedSpace"/> is true, the pipeline added the space at the start of
    /// the first token; the text does not contain it, so it is not excluded.
    /// </summary>
    public void Trim(bool addedSpace, Func<int, string?> tokenOf)
    {
        for (var i = 0; i < Count; i++)
        {
            var token = tokenOf(Ids[i]) ?? "";
            var (leading, trailing) = (0, 0);
            while (leading < token.Length && IsSpace(token[leading])) leading++;
            while (trailing < token.Length && IsSpace(token[^(trailing + 1)])) trailing++;
            if (leading > 0)
            {
                if (addedSpace && (i == 0 || Starts[i] == 0)) leading--;
                for (; leading > 0 && Starts[i] < Ends[i]; leading--) Starts[i] = Forward(texts[texts.Count == 1 ? 0 : Words[i]], Starts[i]);
            }
            for (var fits = Ends[i] >= trailing; fits && trailing > 0 && Ends[i] > Starts[i]; trailing--)
                Ends[i] = Back(texts[texts.Count == 1 ? 0 : Words[i]], Ends[i]);
        }

        // A character may have two code units.
        static int Forward(string text, int at) => at + (char.IsSurrogatePair(text, at) ? 2 : 1);
        static int Back(string text, int at) => at - (at > 1 && char.IsSurrogatePair(text, at - 2) ? 2 : 1);
        static bool IsSpace(char c) => c == ByteAlphabet.CharOf((byte)' ') || CharClasses.IsSpace(c);
    }
}
