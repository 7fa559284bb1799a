using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.PreTokenizers;

/// <summary>
/// A handwritten matcher for the expression of GPT-4, Llama 3 and Qwen 2, over code points. The variants differ in the maximum number of digits of a match:
/// <c>(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+</c>.
/// </summary>
internal sealed class Gpt4Scanner : Pattern
{
    private const string Start = @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}";
    private const string End = @"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
    private const CharClass Words = CharClass.Letter | CharClass.Number | CharClass.Space;

    private readonly int _digits;

    private Gpt4Scanner(string expression, int digits) => (Name, _digits) = (expression, digits);

    public override string Name { get; }

    /// <summary>Returns the scanner for an expression, or null if the expression is not one of the variants.</summary>
    public static Gpt4Scanner? Of(string expression) => expression switch
    {
        Start + End => new(expression, 1),
        Start + "{1,3}" + End => new(expression, 3),
        _ => null,
    };

    public override bool Find(ReadOnlySpan<char> text, int from, WorkBudget budget, out int start, out int end)
    {
        (start, end) = (from, from);
        if (from >= text.Length) return false;
        end = Next(text, from);
        return true;
    }

    private int Next(ReadOnlySpan<char> text, int at)
    {
        var first = text[at];
        if (first == '\'' && Contraction(text, at) is > 0 and var contraction) return contraction;
        var kind = CharClasses.At(text, at, out var units);
        if ((kind & CharClass.Letter) != 0) return Letters(text, at + units);
        if ((kind & CharClass.Number) != 0) return Digits(text, at + units);
        var after = at + units;
        // A word may start with one character that is not a line end, a letter or a number.
        if ((kind & CharClass.Line) == 0 && after < text.Length && (CharClasses.At(text, after, out var next) & CharClass.Letter) != 0)
            return Letters(text, after + next);
        if ((kind & CharClass.Space) == 0) return Symbols(text, after);
        if (first == ' ' && after < text.Length && (CharClasses.At(text, after, out next) & Words) == 0) return Symbols(text, after + next);
        return Spaces(text, at);
    }

    /// <summary>Matches 's, 't, 're, 've, 'm, 'll and 'd in any case. The long s counts as an s.</summary>
    private static int Contraction(ReadOnlySpan<char> text, int at)
    {
        if (at + 1 >= text.Length) return 0;
        switch (text[at + 1])
        {
            case 's' or 'S' or '\u017F' or 't' or 'T' or 'm' or 'M' or 'd' or 'D': return at + 2;
            case 'r' or 'R' or 'v' or 'V' when at + 2 < text.Length && text[at + 2] is 'e' or 'E': return at + 3;
            case 'l' or 'L' when at + 2 < text.Length && text[at + 2] is 'l' or 'L': return at + 3;
            default: return 0;
        }
    }

    private static int Letters(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && (CharClasses.At(text, at, out var units) & CharClass.Letter) != 0) at += units;
        return at;
    }

    private int Digits(ReadOnlySpan<char> text, int at)
    {
        for (var count = 1; count < _digits && at < text.Length && (CharClasses.At(text, at, out var units) & CharClass.Number) != 0; count++)
            at += units;
        return at;
    }

    private static int Symbols(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length && (CharClasses.At(text, at, out var units) & Words) == 0) at += units;
        while (at < text.Length && text[at] is '\r' or '\n') at++;
        return at;
    }

    /// <summary>Matches spaces up to the last line end among them; if there is none, all except the last one if text follows.</summary>
    private static int Spaces(ReadOnlySpan<char> text, int at)
    {
        var (end, line) = (at, -1);
        for (; end < text.Length && CharClasses.Of(text[end]) is var kind && (kind & CharClass.Space) != 0; end++)
            if ((kind & CharClass.Line) != 0) line = end;
        if (line >= 0) return line + 1;
        return end == text.Length || end == at + 1 ? end : end - 1;
    }
}
