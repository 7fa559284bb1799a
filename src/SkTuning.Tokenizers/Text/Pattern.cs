namespace SkTuning.Tokenizers.Text;

/// <summary>A pattern to search a text for: a fixed text, a known expression with its own scanner, or a compiled expression.</summary>
internal abstract class Pattern
{
    /// <summary>The expression as written in the file.</summary>
    public abstract string Name { get; }

    /// <summary>The character that the pattern matches if it is a single character, or null.</summary>
    public virtual char? SingleChar => null;

    /// <summary>Finds the next match at or after <paramref name="from"/>.</summary>
    public abstract bool Find(ReadOnlySpan<char> text, int from, WorkBudget budget, out int start, out int end);

    /// <summary>
    /// Finds the match after the one at <paramref name="start"/>. After an empty match, the search continues one character later. An empty match directly
    /// after another match is skipped.
    /// </summary>
    public bool FindNext(ReadOnlySpan<char> text, WorkBudget budget, ref int start, ref int end)
    {
        var last = end;
        if (start < end)
        {
            if (!Find(text, end, budget, out start, out end)) return false;
            if (start < end || start > last) return true;
        }
        var next = last + (last + 1 < text.Length && char.IsSurrogatePair(text[last], text[last + 1]) ? 2 : 1);
        return next <= text.Length && Find(text, next, budget, out start, out end);
    }
}

/// <summary>A fixed text.</summary>
internal sealed class LiteralPattern(string literal) : Pattern
{
    private readonly TextSearch _search = new(literal);

    public override string Name => "text:" + literal;

    public override char? SingleChar => literal.Length == 1 ? literal[0] : null;

    public override bool Find(ReadOnlySpan<char> text, int from, WorkBudget budget, out int start, out int end)
    {
        // An empty text never matches, as in the reference library.
        start = literal.Length == 0 ? -1 : _search.Find(text, from);
        end = start + literal.Length;
        return start >= 0;
    }
}
