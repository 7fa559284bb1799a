namespace SkTuning.Tokenizers.Regex;

/// <summary>How a repetition gives back what it took.</summary>
internal enum Repetition
{
    Greedy,
    Lazy,
    Possessive,
}

/// <summary>A place an expression can ask for.</summary>
internal enum Place
{
    LineStart,
    LineEnd,
    TextStart,
    TextEnd,
    /// <summary>The end, or before a line feed at the end.</summary>
    TextEndOrLine,
    WordEdge,
    NoWordEdge,
}

/// <summary>A parsed expression.</summary>
internal abstract record RegexNode;

internal sealed record SetNode(CodePointSet Set) : RegexNode;

internal sealed record RowNode(IReadOnlyList<RegexNode> Parts) : RegexNode;

internal sealed record ChoiceNode(IReadOnlyList<RegexNode> Parts) : RegexNode;

/// <summary>Most is -1 for no limit.</summary>
internal sealed record RepeatNode(RegexNode Body, int Least, int Most, Repetition Kind) : RegexNode;

internal sealed record LookNode(RegexNode Body, bool Behind, bool Negative) : RegexNode;

internal sealed record AtomicNode(RegexNode Body) : RegexNode;

internal sealed record PlaceNode(Place Place) : RegexNode;
