using System.Globalization;

namespace SkTuning.Tokenizers.Chat;

/// <summary>The value of a name that is not defined. It is written as nothing, is not true, and has no entries.</summary>
internal sealed record Undefined(string Name)
{
    public static Undefined Of(string name) => new(name);
}

/// <summary>A dictionary whose entries a template can set. It can contain itself, so it equals nothing but itself, as in Jinja.</summary>
internal sealed class Namespace() : Dictionary<string, object?>(StringComparer.Ordinal);

/// <summary>Operations on the values of templates (null, bool, long, string, lists and dictionaries), by Python's rules.</summary>
internal sealed class TemplateValues(TemplateBudget budget)
{
    /// <summary>The most numbers of a range, as in Jinja's sandbox.</summary>
    public const int MaxRange = 100_000;

    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool b => b,
        long n => n != 0,
        string s => s.Length > 0,
        List<object?> l => l.Count > 0,
        Namespace => true,
        Dictionary<string, object?> d => d.Count > 0,
        _ => true,
    };

    public static string ToText(object? value) => value switch
    {
        null => "None",
        Undefined => "",
        bool b => b ? "True" : "False",
        long n => n.ToString(CultureInfo.InvariantCulture),
        string s => s,
        _ => throw TemplateError.While("writes a list or a dictionary, which is not implemented"),
    };

    public List<object?> Items(object? value)
    {
        switch (value)
        {
            case List<object?> l: return l;
            case Dictionary<string, object?> d:
                budget.Items(d.Count);
                return [.. d.Keys];
            case string s:
                budget.Items(s.Length);
                return [.. s.EnumerateRunes().Select(r => r.ToString())];
            case Undefined: return [];
            default: throw TemplateError.While($"iterates over {Kind(value)}, which has no items");
        }
    }

    public bool Compare(string sign, object? left, object? right)
    {
        switch (sign)
        {
            case "==": return AreEqual(left, right);
            case "!=": return !AreEqual(left, right);
            case "in": return In(left, right);
            case "not in": return !In(left, right);
        }
        int order;
        if (left is string s && right is string t)
        {
            budget.Read(Math.Min(s.Length, t.Length));
            order = string.CompareOrdinal(s, t);
        }
        else order = Number(left, $"'{sign}'").CompareTo(Number(right, $"'{sign}'"));
        return sign switch { "<" => order < 0, ">" => order > 0, "<=" => order <= 0, _ => order >= 0 };
    }

    public bool AreEqual(object? a, object? b)
    {
        budget.Spend();
        switch (a, b)
        {
            case (bool x, long y): return (x ? 1 : 0) == y;
            case (long x, bool y): return x == (y ? 1 : 0);
            case (string x, string y):
                if (x.Length != y.Length) return false;
                budget.Read(x.Length);
                return x == y;
            case (List<object?> x, List<object?> y):
                if (x.Count != y.Count) return false;
                budget.Enter();
                var same = 0;
                while (same < x.Count && AreEqual(x[same], y[same])) same++;
                budget.Leave();
                return same == x.Count;
            case (Namespace, _) or (_, Namespace): return ReferenceEquals(a, b);
            case (Dictionary<string, object?> x, Dictionary<string, object?> y):
                if (x.Count != y.Count) return false;
                budget.Enter();
                var equal = x.All(p => Holds(y, p.Key, p.Value));
                budget.Leave();
                return equal;
            case (Undefined, Undefined): return true;
            default: return Equals(a, b);
        }
    }

    private bool Holds(Dictionary<string, object?> of, string key, object? value)
    {
        budget.Read(key.Length);
        return of.TryGetValue(key, out var found) && AreEqual(found, value);
    }

    private bool In(object? item, object? of)
    {
        switch (of)
        {
            case string s:
                var part = Text(item, "'in'");
                budget.Read(s.Length + part.Length);
                return Tokenizers.Text.TextSearch.IndexOf(s, part) >= 0;
            case List<object?> l:
                foreach (var other in l)
                    if (AreEqual(other, item)) return true;
                return false;
            case Dictionary<string, object?> d:
                if (item is not string key) return false;
                budget.Read(key.Length);
                return d.ContainsKey(key);
            case Undefined: return false;
            default: throw TemplateError.While($"uses 'in' on {Kind(of)}");
        }
    }

    public static string Kind(object? value) => value switch
    {
        null => "none",
        Undefined u => $"'{u.Name}', which is not defined",
        bool => "a Boolean",
        long => "a number",
        string => "a text",
        List<object?> => "a list",
        _ => "a dictionary",
    };

    public static string Text(object? value, string where) => value as string ?? throw TemplateError.While($"uses {where} on {Kind(value)}");

    public static long Number(object? value, string where) => value switch
    {
        long n => n,
        bool b => b ? 1 : 0,
        _ => throw TemplateError.While($"uses {where} on {Kind(value)}"),
    };

    /// <summary>Returns the result of a computation. Python's numbers have no limit; those here have 64 bits.</summary>
    public static long Whole(Int128 value)
        => value >= long.MinValue && value <= long.MaxValue ? (long)value : throw TemplateError.While("computes a number of more than 64 bits");
}
