using System.Globalization;
using System.Text;

namespace SkTuning.Tokenizers.Chat;

/// <summary>
/// Parses the part of Jinja that chat templates use: output, if, for, set; expressions with filters, tests, slices and calls. Anything else is rejected with
/// a message that names it.
/// </summary>
internal sealed class TemplateParser(List<Lex> tokens)
{
    private const int MaxNesting = 100;
    private static readonly Lex Nothing = new(LexKind.End, "", int.MaxValue);
    private int _at;
    private int _depth;

    private Lex Now => _at < tokens.Count ? tokens[_at] : Nothing;

    public static IReadOnlyList<Node> Parse(string template)
    {
        var parser = new TemplateParser(TemplateLexer.Cut(template));
        var nodes = parser.Body(out var end);
        return end.Length == 0 ? nodes : throw TemplateError.At($"'{end}' without its start", parser.Now.At);
    }

    /// <summary>Parses nodes up to a statement that ends or divides a block. <paramref name="end"/> is its first word, which is consumed.</summary>
    private List<Node> Body(out string end)
    {
        if (++_depth > MaxNesting) throw TemplateError.At("blocks nested too deeply", Now.At);
        var nodes = new List<Node>();
        for (end = ""; _at < tokens.Count;)
        {
            var token = tokens[_at++];
            if (token.Kind == LexKind.Text)
            {
                nodes.Add(new TextNode(token.Value));
                continue;
            }
            if (token.Kind == LexKind.Output)
            {
                nodes.Add(new OutputNode(Expression()));
                Close();
                continue;
            }
            var word = Name();
            if (word is "endif" or "endfor" or "endset" or "endgeneration" or "else" or "elif")
            {
                end = word;
                break;
            }
            nodes.AddRange(Statement(word, token.At));
        }
        _depth--;
        return nodes;
    }

    private IEnumerable<Node> Statement(string word, int at)
    {
        switch (word)
        {
            case "if": return [If()];
            case "for": return [For()];
            case "set": return [Set()];
            case "break" or "continue":
                Close();
                return [new BreakNode(word == "continue")];
            case "generation":
                Close();
                var body = Body(out var end);
                Ends(end, "endgeneration");
                return body;
            default: throw TemplateError.At($"'{word}'", at);
        }
    }

    private IfNode If()
    {
        var branches = new List<(Expr?, IReadOnlyList<Node>)>();
        Expr? condition = Expression();
        Close();
        while (true)
        {
            var body = Body(out var end);
            branches.Add((condition, body));
            if (end == "elif") condition = Expression();
            else if (end == "else" && condition is not null) condition = null;
            else
            {
                Ends(end, "endif");
                return new(branches);
            }
            Close();
        }
    }

    private ForNode For()
    {
        var names = new List<string> { Name() };
        while (Take(",")) names.Add(Name());
        if (Name() != "in") throw TemplateError.At("a 'for' without 'in'", Now.At);
        var items = Or();
        var condition = TakeName("if") ? Expression() : null;
        if (TakeName("recursive")) throw TemplateError.At("'recursive'", Now.At);
        Close();
        var body = Body(out var end);
        List<Node> otherwise = [];
        if (end == "else")
        {
            Close();
            otherwise = Body(out end);
        }
        Ends(end, "endfor");
        return new(names, items, condition, body, otherwise);
    }

    private SetNode Set()
    {
        var name = Name();
        var entry = Take(".") ? Name() : null;
        if (Take("="))
        {
            var value = Expression();
            Close();
            return new(name, entry, value, []);
        }
        Close();
        var body = Body(out var end);
        Ends(end, "endset");
        return new(name, entry, null, body);
    }

    private void Ends(string end, string expected)
    {
        if (end != expected) throw TemplateError.At($"a block without its '{expected}'", Now.At);
        Close();
    }

    private Expr Expression()
    {
        if (++_depth > MaxNesting) throw TemplateError.At("expressions nested too deeply", Now.At);
        var value = Or();
        var choices = 0;
        while (TakeName("if"))
        {
            if (++choices > MaxNesting) throw TemplateError.At("expressions nested too deeply", Now.At);
            var condition = Or();
            value = new ChoiceExpr(value, condition, TakeName("else") ? Expression() : null);
        }
        _depth--;
        return value;
    }

    private Expr Or()
    {
        var left = And();
        while (TakeName("or")) left = new BinaryExpr("or", left, And());
        return left;
    }

    private Expr And()
    {
        var left = Not();
        while (TakeName("and")) left = new BinaryExpr("and", left, Not());
        return left;
    }

    private Expr Not()
    {
        if (!TakeName("not")) return Compare();
        if (++_depth > MaxNesting) throw TemplateError.At("expressions nested too deeply", Now.At);
        var of = Not();
        _depth--;
        return new UnaryExpr("not", of);
    }

    private Expr Compare()
    {
        var left = Sum();
        List<(string, Expr)>? others = null;
        while (true)
        {
            if (Now.Kind == LexKind.Sign && Now.Value is "==" or "!=" or "<" or ">" or "<=" or ">=") (others ??= []).Add((tokens[_at++].Value, Sum()));
            else if (TakeName("in")) (others ??= []).Add(("in", Sum()));
            else if (Now is { Kind: LexKind.Name, Value: "not" } && _at + 1 < tokens.Count && tokens[_at + 1] is { Kind: LexKind.Name, Value: "in" })
            {
                _at += 2;
                (others ??= []).Add(("not in", Sum()));
            }
            else return others is null ? left : new CompareExpr(left, others);
        }
    }

    private Expr Sum()
    {
        var left = Join();
        while (Now.Kind == LexKind.Sign && Now.Value is "+" or "-") left = new BinaryExpr(tokens[_at++].Value, left, Join());
        return left;
    }

    private Expr Join()
    {
        var left = Product();
        while (Take("~")) left = new BinaryExpr("~", left, Product());
        return left;
    }

    private Expr Product()
    {
        var left = Unary();
        while (Now.Kind == LexKind.Sign && Now.Value is "*" or "//" or "%")
            left = new BinaryExpr(tokens[_at++].Value, left, Unary());
        return left;
    }

    /// <summary>Parses an operand with its filters. A sign applies to the operand before its filters do.</summary>
    private Expr Unary() => Filters(Signed());

    private Expr Signed()
    {
        var sign = Now;
        if (!Take("-") && !Take("+")) return Postfix(Primary());
        if (++_depth > MaxNesting) throw TemplateError.At("expressions nested too deeply", Now.At);
        var of = Signed();
        _depth--;
        return Postfix(new UnaryExpr(sign.Value, of));
    }

    private Expr Primary()
    {
        var token = tokens.Count > _at ? tokens[_at++] : throw TemplateError.At("an unterminated expression", 0);
        switch (token.Kind)
        {
            case LexKind.String:
                if (Now.Kind != LexKind.String) return new ConstantExpr(token.Value);
                var text = new StringBuilder(token.Value);
                while (Now.Kind == LexKind.String) text.Append(tokens[_at++].Value);
                return new ConstantExpr(text.ToString());
            case LexKind.Number:
                return long.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
                    ? new ConstantExpr(n)
                    : throw TemplateError.At("a number that is out of range", token.At);
            case LexKind.Name:
                return token.Value switch
                {
                    "true" or "True" => new ConstantExpr(true),
                    "false" or "False" => new ConstantExpr(false),
                    "none" or "None" => new ConstantExpr(null),
                    _ when Now is { Kind: LexKind.Sign, Value: "(" } => Call(null, token.Value),
                    _ => new NameExpr(token.Value),
                };
            case LexKind.Sign when token.Value == "(":
                var inner = Expression();
                Need(")");
                return inner;
            case LexKind.Sign when token.Value == "[":
                var items = new List<Expr>();
                while (!Take("]"))
                {
                    items.Add(Expression());
                    if (!Take(",") && Now.Value != "]") throw TemplateError.At("an unterminated list", Now.At);
                }
                return new ListExpr(items);
            case LexKind.Sign when token.Value == "{":
                var pairs = new List<(Expr, Expr)>();
                while (!Take("}"))
                {
                    var key = Expression();
                    Need(":");
                    pairs.Add((key, Expression()));
                    if (!Take(",") && Now.Value != "}") throw TemplateError.At("an unterminated dictionary", Now.At);
                }
                return new DictExpr(pairs);
            default: throw TemplateError.At($"'{token.Value}' in an expression", token.At);
        }
    }

    private Expr Postfix(Expr of)
    {
        while (true)
        {
            if (Take("."))
            {
                var name = Name();
                of = Now is { Kind: LexKind.Sign, Value: "(" } ? Call(of, name) : new EntryExpr(of, new ConstantExpr(name));
            }
            else if (Take("[")) of = Subscript(of);
            else return of;
        }
    }

    private Expr Subscript(Expr of)
    {
        var from = Now.Value == ":" ? null : Expression();
        if (Take("]")) return new EntryExpr(of, from!);
        Need(":");
        var to = Now.Value is "]" or ":" ? null : Expression();
        var step = Take(":") && Now.Value != "]" ? Expression() : null;
        Need("]");
        return new SliceExpr(of, from, to, step);
    }

    private CallExpr Call(Expr? of, string name)
    {
        var (plain, named) = Arguments();
        return new(of, name, plain, named);
    }

    private (List<Expr> Plain, List<(string, Expr)> Named) Arguments()
    {
        var (plain, named) = (new List<Expr>(), new List<(string, Expr)>());
        Need("(");
        while (!Take(")"))
        {
            if (Now.Kind == LexKind.Name && _at + 1 < tokens.Count && tokens[_at + 1] is { Kind: LexKind.Sign, Value: "=" })
            {
                var name = Name();
                _at++;
                named.Add((name, Expression()));
            }
            else plain.Add(Expression());
            if (!Take(",") && Now.Value != ")") throw TemplateError.At("an unterminated call", Now.At);
        }
        return (plain, named);
    }

    private Expr Filters(Expr of)
    {
        while (true)
        {
            if (Take("|"))
            {
                var name = Name();
                var (plain, named) = Now is { Kind: LexKind.Sign, Value: "(" } ? Arguments() : ([], []);
                if (named.Count > 0) throw TemplateError.At($"'{name}' with the argument '{named[0].Item1}='", Now.At);
                of = Postfix(new FilterExpr(of, name, plain));
            }
            else if (TakeName("is"))
            {
                var negative = TakeName("not");
                var name = Name();
                var argument = name is "eq" or "equalto" or "sameas" ? Primary() : null;
                of = new TestExpr(of, name, negative, argument);
            }
            else return of;
        }
    }

    private string Name() => Now.Kind == LexKind.Name ? tokens[_at++].Value : throw TemplateError.At($"'{Now.Value}' in place of a name", Now.At);

    private bool TakeName(string name)
    {
        if (Now.Kind != LexKind.Name || Now.Value != name) return false;
        _at++;
        return true;
    }

    private bool Take(string sign)
    {
        if (Now.Kind != LexKind.Sign || Now.Value != sign) return false;
        _at++;
        return true;
    }

    private void Need(string sign)
    {
        if (!Take(sign)) throw TemplateError.At($"no '{sign}'", Now.At);
    }

    private void Close()
    {
        if (Now.Kind != LexKind.End || _at >= tokens.Count) throw TemplateError.At($"'{Now.Value}'", Now.At);
        _at++;
    }
}
