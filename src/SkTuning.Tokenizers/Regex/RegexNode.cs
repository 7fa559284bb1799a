namespace SkTuning.Tokenizers.Regex;

/// <summary>Specifies how a repetition backtracks.</summary>
internal enum Repetition
{
    Greedy,
    Lazy,
    Possessive,
}

/// <summary>A condition on a position in the text.</summary>
internal enum Anchor
{
    LineStart,
    LineEnd,
    TextStart,
    TextEnd,
    /// <summary>The end of the text, or the position before a line feed at the end.</summary>
    TextEndOrLine,
    WordBoundary,
    NotWordBoundary,
}

/// <summary>A parsed expression.</summary>
internal abstract record RegexNode;

internal sealed record SetNode(CodePointSet Set) : RegexNode;

internal sealed record SequenceNode(IReadOnlyList<RegexNode> Parts) : RegexNode;

internal sealed record ChoiceNode(IReadOnlyList<RegexNode> Parts) : RegexNode;

/// <summary>A repetition. <see cref="Max"/> is -1 for no limit.</summary>
internal sealed record RepeatNode(RegexNode Body, int Min, int Max, Repetition Kind) : RegexNode;

internal sealed record LookNode(RegexNode Body, bool Behind, bool Negative) : RegexNode;

internal sealed record AtomicNode(RegexNode Body) : RegexNode;

internal sealed record AnchorNode(Anchor Anchor) : RegexNode;
