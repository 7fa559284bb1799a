namespace SkTuning.Tokenizers.Chat;

/// <summary>A node of a parsed template.</summary>
internal abstract record Node;

internal sealed record TextNode(string Text) : Node;

internal sealed record OutputNode(Expr Value) : Node;

internal sealed record IfNode(IReadOnlyList<(Expr? Condition, IReadOnlyList<Node> Body)> Branches) : Node;

internal sealed record ForNode(IReadOnlyList<string> Names, Expr Items, Expr? Condition, IReadOnlyList<Node> Body, IReadOnlyList<Node> Else) : Node;

/// <summary>Assigns to a name, or to an entry of a namespace, the value of an expression or the output of a body.</summary>
internal sealed record SetNode(string Name, string? Entry, Expr? Value, IReadOnlyList<Node> Body) : Node;

internal sealed record BreakNode(bool Continue) : Node;

/// <summary>An expression.</summary>
internal abstract record Expr
{
    /// <summary>
    /// The part that is evaluated first, or null. The parser builds chains of any length along this part, so they are evaluated in a loop; all other parts are
    /// nested no deeper than the parser permits.
    /// </summary>
    public virtual Expr? First => null;
}

internal sealed record ConstantExpr(object? Value) : Expr;

internal sealed record NameExpr(string Name) : Expr;

internal sealed record ListExpr(IReadOnlyList<Expr> Items) : Expr;

internal sealed record DictExpr(IReadOnlyList<(Expr Key, Expr Value)> Items) : Expr;

internal sealed record EntryExpr(Expr Of, Expr Key) : Expr
{
    public override Expr First => Of;
}

internal sealed record SliceExpr(Expr Of, Expr? From, Expr? To, Expr? Step) : Expr
{
    public override Expr First => Of;
}

internal sealed record CallExpr(Expr? Of, string Name, IReadOnlyList<Expr> Arguments, IReadOnlyList<(string Name, Expr Value)> Named) : Expr
{
    public override Expr? First => Of;
}

internal sealed record FilterExpr(Expr Of, string Name, IReadOnlyList<Expr> Arguments) : Expr
{
    public override Expr First => Of;
}

internal sealed record TestExpr(Expr Of, string Name, bool Negative, Expr? Argument) : Expr
{
    public override Expr First => Of;
}

internal sealed record UnaryExpr(string Sign, Expr Of) : Expr
{
    public override Expr First => Of;
}

internal sealed record BinaryExpr(string Sign, Expr Left, Expr Right) : Expr
{
    public override Expr First => Left;
}

/// <summary>A chain of comparisons, such as <c>1 &lt; x &lt; 3</c>: true if each of them is.</summary>
internal sealed record CompareExpr(Expr Left, IReadOnlyList<(string Sign, Expr Right)> Others) : Expr
{
    public override Expr First => Left;
}

internal sealed record ChoiceExpr(Expr Then, Expr Condition, Expr? Else) : Expr
{
    public override Expr First => Condition;
}
