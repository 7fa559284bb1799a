namespace SkTuning.Tokenizers.Text;

/// <summary>Something that is looked for in a text: a fixed text, a known expression with a scanner of its own, or a compiled one.</summary>
internal abstract class Pattern
{
    /// <summary>The expression, as the file wrote it.</summary>
    public abstract string Name { get; }

    /// <summary>The one character this is, if it is one.</summary>
    public virtual char? SingleChar => null;

    /// <summary>The next match at or after <paramref name="from"/>.</summary>
    public abstract bool Find(ReadOnlySpan<char> text, int from, out int start, out int end);

    /// <summary>
    /// The match after the one at <paramref name="start"/>; an empty match moves on by one character, and an empty match right behind a match is passed over.
    /// </summary>
    public bool FindNext(ReadOnlySpan<char> text, ref int start, ref int end)
    {
        var last = end;
        if (start < end)
        {
            if (!Find(text, end, out start, out end)) return false;
            if (start < end || start > last) return true;
        }
        var next = last + (last + 1 < text.Length && char.IsSurrogatePair(text[last], text[last + 1]) ? 2 : 1);
        return next <= text.Length && Find(text, next, out start, out end);
    }
}

/// <summary>A fixed text.</summary>
internal sealed class LiteralPattern(string literal) : Pattern
{
    public override string Name => "text:" + literal;

    public override char? SingleChar => literal.Length == 1 ? literal[0] : null;

    public override bool Find(ReadOnlySpan<char> text, int from, out int start, out int end)
    {
        // An empty text matches nowhere, as in the definition.
        var at = literal.Length == 0 ? -1 : text[from..].IndexOf(literal.AsSpan());
        (start, end) = (from + at, from + at + literal.Length);
        return at >= 0;
    }
}
