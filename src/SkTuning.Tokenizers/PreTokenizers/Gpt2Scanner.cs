using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>
/// A handwritten matcher for GPT-2's expression, over code points: <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>.
/// The expression matches at every position, so a text is a sequence of matches.
/// </summary>
internal static class Gpt2Scanner
{
    public const string Expression = @"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+";

    private const CharClass Words = CharClass.Letter | CharClass.Number | CharClass.Space;

    /// <summary>Returns the end of the match at <paramref name="at"/>.</summary>
    public static int Next(ReadOnlySpan<char> text, int at)
    {
        var first = text[at];
        if (first == '\'' && Contraction(text, at) is > 0 and var end) return end;
        var start = at;
        if (first == ' ')
        {
            // A space belongs to what follows it, unless that is a space too.
            if (at + 1 == text.Length) return at + 1;
            start++;
        }
        var kind = CharClasses.At(text, start, out var units) & Words;
        if ((kind & CharClass.Space) != 0) return Spaces(text, at);
        return Run(text, start + units, kind);
    }

    /// <summary>Returns the end of the contraction at <paramref name="at"/>, or 0.</summary>
    private static int Contraction(ReadOnlySpan<char> text, int at)
    {
        if (at + 1 >= text.Length) return 0;
        switch (text[at + 1])
        {
            case 's' or 't' or 'm' or 'd': return at + 2;
            case 'r' or 'v' when at + 2 < text.Length && text[at + 2] == 'e': return at + 3;
            case 'l' when at + 2 < text.Length && text[at + 2] == 'l': return at + 3;
            default: return 0;
        }
    }

    /// <summary>Matches a run of characters of one kind: letters, numbers, or characters that are neither of these nor white space.</summary>
    private static int Run(ReadOnlySpan<char> text, int at, CharClass kind)
    {
        while (at < text.Length && (CharClasses.At(text, at, out var units) & Words) == kind) at += units;
        return at;
    }

    /// <summary>Matches a run of spaces, except the last one if text follows.</summary>
    private static int Spaces(ReadOnlySpan<char> text, int at)
    {
        var end = at;
        while (end < text.Length && (CharClasses.Of(text[end]) & CharClass.Space) != 0) end++;
        return end == text.Length || end == at + 1 ? end : end - 1;
    }
}

/// <summary>GPT-2's expression as a pattern.</summary>
internal sealed class Gpt2Pattern : Pattern
{
    public override string Name => Gpt2Scanner.Expression;

    public override bool Find(ReadOnlySpan<char> text, int from, WorkBudget budget, out int start, out int end)
    {
        (start, end) = (from, from);
        if (from >= text.Length) return false;
        end = Gpt2Scanner.Next(text, from);
        return true;
    }
}
