namespace SkTuning.Tokenizers.Chat;

/// <summary>Evaluates expressions.</summary>
internal sealed class TemplateEvaluator
{
    private const int MaxRange = 100_000;
    private const int MaxTextLength = 1 << 24;

    public object? Value(Expr expr, TemplateScope scope)
    {
        switch (expr)
        {
            case ConstantExpr c: return c.Value;
            case NameExpr n: return scope.Get(n.Name);
            case ListExpr l: return l.Items.Select(i => Value(i, scope)).ToList();
            case DictExpr d:
                var dictionary = new Dictionary<string, object?>(StringComparer.Ordinal);
                foreach (var (key, value) in d.Items) dictionary[TemplateValues.Text(Value(key, scope), "a key")] = Value(value, scope);
                return dictionary;
            case EntryExpr e: return Entry(Value(e.Of, scope), Value(e.Key, scope));
            case SliceExpr s: return Slice(s, scope);
            case CallExpr c: return Call(c, scope);
            case FilterExpr f: return TemplateFunctions.Filter(f.Name, Value(f.Of, scope), [.. f.Arguments.Select(a => Value(a, scope))]);
            case TestExpr t:
                return TemplateFunctions.Test(t.Name, Value(t.Of, scope), t.Argument is null ? null : Value(t.Argument, scope)) != t.Negative;
            case UnaryExpr { Sign: "not" } u: return !TemplateValues.IsTrue(Value(u.Of, scope));
            case UnaryExpr u: return -TemplateValues.Number(Value(u.Of, scope), "'-'");
            case ChoiceExpr c:
                if (TemplateValues.IsTrue(Value(c.Condition, scope))) return Value(c.Then, scope);
                return c.Else is null ? Undefined.Of("the missing else") : Value(c.Else, scope);
            case BinaryExpr b: return Binary(b, scope);
            default: throw TemplateError.While($"has {expr.GetType().Name}");
        }
    }

    private static object? Entry(object? of, object? key)
    {
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

    private object Slice(SliceExpr slice, TemplateScope scope)
    {
        var of = Value(slice.Of, scope);
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
            var part = from < to ? text[from..to] : "";
            return step == 1 ? part : string.Concat(part.Reverse());
        }
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

    private object? Binary(BinaryExpr b, TemplateScope scope)
    {
        var left = Value(b.Left, scope);
        switch (b.Sign)
        {
            case "and": return TemplateValues.IsTrue(left) ? Value(b.Right, scope) : left;
            case "or": return TemplateValues.IsTrue(left) ? left : Value(b.Right, scope);
        }
        var right = Value(b.Right, scope);
        switch (b.Sign)
        {
            case "==": return TemplateValues.Equals(left, right);
            case "!=": return !TemplateValues.Equals(left, right);
            case "in": return In(left, right);
            case "~": return Short(TemplateValues.ToText(left) + TemplateValues.ToText(right));
            case "+" when left is string s && right is string t: return Short(s + t);
            case "+" when left is List<object?> l && right is List<object?> m: return l.Concat(m).ToList();
            case "<" or ">" or "<=" or ">=" when left is string s && right is string t:
                var order = string.CompareOrdinal(s, t);
                return b.Sign switch { "<" => order < 0, ">" => order > 0, "<=" => order <= 0, _ => order >= 0 };
        }
        var (x, y) = (TemplateValues.Number(left, $"'{b.Sign}'"), TemplateValues.Number(right, $"'{b.Sign}'"));
        if (b.Sign is "//" or "%" && y == 0) throw TemplateError.While("divides by zero");
        return b.Sign switch
        {
            "+" => x + y,
            "-" => x - y,
            "*" => x * y,
            // Python rounds towards negative infinity.
            "//" => (long)Math.Floor((decimal)x / y),
            "%" => ((x % y) + y) % y,
            "<" => x < y,
            ">" => x > y,
            "<=" => x <= y,
            ">=" => x >= y,
            _ => throw TemplateError.While($"uses the operator '{b.Sign}', which is not implemented"),
        };
    }

    private static string Short(string text) => text.Length <= MaxTextLength ? text : throw TemplateError.While("creates a text that is too long");

    private static bool In(object? item, object? of) => of switch
    {
        string s => s.Contains(TemplateValues.Text(item, "'in'"), StringComparison.Ordinal),
        List<object?> l => l.Exists(i => TemplateValues.Equals(i, item)),
        Dictionary<string, object?> d => item is string key && d.ContainsKey(key),
        Undefined => false,
        _ => throw TemplateError.While($"uses 'in' on {TemplateValues.Kind(of)}"),
    };

    private object? Call(CallExpr call, TemplateScope scope)
    {
        var arguments = call.Arguments.Select(a => Value(a, scope)).ToList();
        if (call.Of is not null)
        {
            if (call.Named.Count > 0)
                throw TemplateError.While($"calls '{call.Name}' with the argument '{call.Named[0].Name}=', which is not implemented");
            return TemplateFunctions.Method(call.Name, Value(call.Of, scope), arguments);
        }
        switch (call.Name)
        {
            case "namespace" or "dict":
                var space = new Namespace();
                foreach (var (name, value) in call.Named) space[name] = Value(value, scope);
                return space;
            case "raise_exception":
                var reason = arguments.Count > 0 ? TemplateValues.ToText(arguments[0]) : "no reason given";
                throw new SkTuningException($"The chat template rejects the conversation: {reason}");
            case "range":
                var bounds = arguments.Select(a => TemplateValues.Number(a, "range")).ToList();
                var (from, to) = bounds.Count switch
                {
                    1 => (0, bounds[0]),
                    2 => (bounds[0], bounds[1]),
                    _ => throw TemplateError.While("calls range with a step, which is not implemented"),
                };
                if (to - from > MaxRange) throw TemplateError.While($"creates a range of {to - from} numbers, more than {MaxRange}");
                var list = new List<object?>();
                for (var i = from; i < to; i++) list.Add(i);
                return list;
            default: throw TemplateError.While($"calls '{call.Name}', which is not implemented");
        }
    }
}
