namespace SkTuning.Tokenizers.Chat;

/// <summary>Evaluates expressions.</summary>
internal sealed class TemplateEvaluator(TemplateBudget budget)
{
    private readonly Stack<Expr> _chain = new();
    private readonly TemplateFunctions _functions = new(budget);
    private readonly TemplateValues _values = new(budget);

    public object? Value(Expr expr, TemplateScope scope)
    {
        var bottom = _chain.Count;
        for (; expr.First is { } first; expr = first)
        {
            budget.Spend();
            _chain.Push(expr);
        }
        var value = Leaf(expr, scope);
        while (_chain.Count > bottom) value = Continue(_chain.Pop(), value, scope);
        return value;
    }

    private object? Leaf(Expr expr, TemplateScope scope)
    {
        budget.Spend();
        switch (expr)
        {
            case ConstantExpr c: return c.Value;
            case NameExpr n:
                budget.Read(n.Name.Length);
                return scope.Get(n.Name);
            case ListExpr l:
                budget.Items(l.Items.Count);
                return Values(l.Items, scope);
            case DictExpr d:
                var dictionary = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (var (key, value) in d.Items)
                {
                    var name = TemplateValues.Text(Value(key, scope), "a key");
                    budget.Spend(TemplateBudget.Entry + name.Length / 16);
                    dictionary[name] = Value(value, scope);
                }
                budget.Spend(TemplateBudget.Entry);
                return dictionary;
            case CallExpr c: return Call(c, scope);
            default: throw TemplateError.While($"has {expr.GetType().Name}");
        }
    }

    /// <summary>Evaluates an expression whose first part has been evaluated.</summary>
    private object? Continue(Expr expr, object? first, TemplateScope scope)
    {
        switch (expr)
        {
            case EntryExpr e: return Entry(first, Value(e.Key, scope));
            case SliceExpr s: return Slice(first, s, scope);
            case CallExpr c:
                if (c.Named.Count > 0) throw TemplateError.While($"calls '{c.Name}' with the argument '{c.Named[0].Name}=', which is not implemented");
                return _functions.Method(c.Name, first, Values(c.Arguments, scope));
            case FilterExpr f: return _functions.Filter(f.Name, first, Values(f.Arguments, scope));
            case TestExpr t: return _functions.Test(t.Name, first, t.Argument is null ? null : Value(t.Argument, scope)) != t.Negative;
            case UnaryExpr { Sign: "not" }: return !TemplateValues.IsTrue(first);
            case UnaryExpr u: return TemplateValues.Whole(u.Sign == "-" ? -(Int128)TemplateValues.Number(first, "'-'") : TemplateValues.Number(first, "'+'"));
            case BinaryExpr { Sign: "and" } b: return TemplateValues.IsTrue(first) ? Value(b.Right, scope) : first;
            case BinaryExpr { Sign: "or" } b: return TemplateValues.IsTrue(first) ? first : Value(b.Right, scope);
            case BinaryExpr b: return Combined(b.Sign, first, Value(b.Right, scope));
            case CompareExpr c:
                foreach (var (sign, expression) in c.Others)
                {
                    budget.Spend();
                    var right = Value(expression, scope);
                    if (!_values.Compare(sign, first, right)) return false;
                    first = right;
                }
                return true;
            case ChoiceExpr c:
                if (TemplateValues.IsTrue(first)) return Value(c.Then, scope);
                return c.Else is null ? Undefined.Of("the missing else") : Value(c.Else, scope);
            default: throw TemplateError.While($"has {expr.GetType().Name}");
        }
    }

    private List<object?> Values(IReadOnlyList<Expr> expressions, TemplateScope scope)
    {
        var values = new List<object?>(expressions.Count);
        foreach (var expression in expressions) values.Add(Value(expression, scope));
        return values;
    }

    private object? Entry(object? of, object? key)
    {
        if (key is string read) budget.Read(read.Length);
        switch (of, key)
        {
            case (Dictionary<string, object?> d, string name): return d.TryGetValue(name, out var value) ? value : Undefined.Of(name);
            case (List<object?> l, long i): return i >= -l.Count && i < l.Count ? l[(int)(i < 0 ? i + l.Count : i)] : Undefined.Of($"item {i}");
            case (string s, long i):
                return i >= -s.Length && i < s.Length ? s[(int)(i < 0 ? i + s.Length : i)].ToString() : Undefined.Of($"character {i}");
            case (Undefined u, _): throw TemplateError.While($"reads an entry of '{u.Name}', which is not defined");
            default: return Undefined.Of(TemplateValues.Kind(key));
        }
    }

    private object Slice(object? of, SliceExpr slice, TemplateScope scope)
    {
        var length = of switch
        {
            string s => s.Length,
            List<object?> l => l.Count,
            _ => throw TemplateError.While($"slices {TemplateValues.Kind(of)}"),
        };
        var step = slice.Step is null ? 1 : TemplateValues.Number(Value(slice.Step, scope), "a step");
        if (step is not (1 or -1) || (step == -1 && (slice.From ?? slice.To) is not null))
            throw TemplateError.While("uses a slice with a step, which is not implemented");
        var (from, to) = (Bound(slice.From, 0), Bound(slice.To, length));
        if (of is string text)
        {
            budget.Make(Math.Max(to - from, 0));
            var part = from < to ? text[from..to] : "";
            return step == 1 ? part : string.Create(part.Length, part, static (span, source) =>
            {
                source.CopyTo(span);
                span.Reverse();
            });
        }
        budget.Items(Math.Max(to - from, 0));
        var items = from < to ? ((List<object?>)of!)[from..to] : [];
        if (step == -1) items.Reverse();
        return items;

        int Bound(Expr? expr, int orElse)
        {
            if (expr is null || Value(expr, scope) is not { } value) return orElse;
            var n = TemplateValues.Number(value, "a bound");
            return (int)Math.Clamp(n < 0 ? n + length : n, 0, length);
        }
    }

    private object? Combined(string sign, object? left, object? right)
    {
        switch (sign)
        {
            case "~": return Joined(TemplateValues.ToText(left), TemplateValues.ToText(right));
            case "+" when left is string s && right is string t: return Joined(s, t);
            case "+" when left is List<object?> l && right is List<object?> m:
                budget.Items((long)l.Count + m.Count);
                var both = new List<object?>(l.Count + m.Count);
                both.AddRange(l);
                both.AddRange(m);
                return both;
        }
        Int128 x = TemplateValues.Number(left, $"'{sign}'"), y = TemplateValues.Number(right, $"'{sign}'");
        if (sign is "//" or "%" && y == 0) throw TemplateError.While("divides by zero");
        // The results fit into 128 bits. Python rounds towards negative infinity.
        return TemplateValues.Whole(sign switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            "//" => x / y - (x % y != 0 && x < 0 != y < 0 ? 1 : 0),
            "%" => (x % y + y) % y,
            _ => throw TemplateError.While($"uses the operator '{sign}', which is not implemented"),
        });
    }

    private string Joined(string left, string right)
    {
        budget.Make((long)left.Length + right.Length);
        return left + right;
    }

    /// <summary>Calls a function.</summary>
    private object? Call(CallExpr call, TemplateScope scope)
    {
        var arguments = Values(call.Arguments, scope);
        switch (call.Name)
        {
            case "namespace" or "dict":
                if (arguments.Count > 0) throw TemplateError.While($"calls '{call.Name}' with a value without a name, which is not implemented");
                var made = call.Name == "dict" ? new Dictionary<string, object?>(StringComparer.Ordinal) : new Namespace();
                foreach (var (name, value) in call.Named)
                {
                    budget.Spend(TemplateBudget.Entry + name.Length / 16);
                    made[name] = Value(value, scope);
                }
                budget.Spend(TemplateBudget.Entry);
                return made;
            case "raise_exception":
                throw TemplateError.While($"rejects the conversation: {(arguments.Count > 0 ? TemplateValues.ToText(arguments[0]) : "no reason given")}", "");
            case "range": return Range(arguments);
            default: throw TemplateError.While($"calls '{call.Name}', which is not implemented");
        }
    }

    private List<object?> Range(List<object?> arguments)
    {
        if (arguments.Count is < 1 or > 3) throw TemplateError.While($"calls range with {arguments.Count} arguments");
        var bounds = arguments.ConvertAll(a => TemplateValues.Number(a, "range"));
        var (from, to, step) = bounds switch
        {
            [var end] => (0, end, 1),
            [var start, var end] => (start, end, 1),
            _ => (bounds[0], bounds[1], bounds[2]),
        };
        if (step == 0) throw TemplateError.While("calls range with a step of 0");
        var distance = step > 0 ? (Int128)to - from : (Int128)from - to;
        var size = step > 0 ? (Int128)step : -(Int128)step;
        var count = distance > 0 ? (distance + size - 1) / size : 0;
        if (count > TemplateValues.MaxRange) throw TemplateError.While($"creates a range of {count} numbers, more than {TemplateValues.MaxRange}");
        budget.Items((long)count);
        var list = new List<object?>((int)count);
        for (var i = 0; i < (int)count; i++) list.Add((long)(from + (Int128)i * step));
        return list;
    }
}
