using System.Globalization;
using System.Text;
using SkTuning.Tokenizers.Text;

namespace SkTuning.Tokenizers.Chat;

/// <summary>The filters, tests and methods that chat templates use.</summary>
internal sealed class TemplateFunctions(TemplateBudget budget)
{
    private readonly TemplateValues _values = new(budget);

    public object? Filter(string name, object? value, List<object?> arguments)
    {
        int? most = name switch
        {
            "trim" or "join" or "int" => 1,
            "default" or "d" or "replace" => 2,
            "length" or "count" or "upper" or "lower" or "capitalize" or "first" or "last" or "list" or "reverse" or "string" or "safe" or "items" => 0,
            _ => null,
        };
        if (arguments.Count > most) throw TemplateError.While($"uses the filter '{name}' with {arguments.Count} arguments, which is not implemented");
        switch (name)
        {
            case "trim": return Strip(ToText(value), arguments, left: true, right: true);
            case "length" or "count":
                switch (value)
                {
                    case string s:
                        budget.Read(s.Length);
                        return s.EnumerateRunes().LongCount();
                    case Dictionary<string, object?> d: return (long)d.Count;
                    default: return (long)_values.Items(value).Count;
                }
            case "upper": return Made(ToText(value)).ToUpperInvariant();
            case "lower": return Made(ToText(value)).ToLowerInvariant();
            case "capitalize": return Capitalize(ToText(value));
            case "first": return _values.Items(value) is [var first, ..] ? first : Undefined.Of("the first item");
            case "last": return _values.Items(value) is [.., var last] ? last : Undefined.Of("the last item");
            case "list": return Copy(value);
            case "reverse":
                var items = Copy(value);
                items.Reverse();
                return items;
            case "join": return Join(_values.Items(value), arguments.Count > 0 ? ToText(arguments[0]) : "");
            case "string": return ToText(value);
            case "safe": return value;
            case "default" or "d":
                var replaces = value is Undefined || (arguments.Count > 1 && TemplateValues.IsTrue(arguments[1]) && !TemplateValues.IsTrue(value));
                return !replaces ? value : arguments.Count > 0 ? arguments[0] : "";
            case "replace" when arguments.Count == 2: return Replace(ToText(value), arguments);
            case "int" when value is long or bool: return TemplateValues.Number(value, "int");
            case "int": return Whole(value as string) ?? (arguments.Count > 0 ? arguments[0] : 0L);
            case "items" when value is Dictionary<string, object?> pairs: return Pairs(pairs);
            default: throw TemplateError.While($"uses the filter '{name}', which is not implemented");
        }
    }

    public bool Test(string name, object? value, object? argument) => name switch
    {
        "defined" => value is not Undefined,
        "undefined" => value is Undefined,
        "none" => value is null,
        "string" => value is string,
        "mapping" => value is Dictionary<string, object?>,
        "sequence" => value is string or List<object?> or Dictionary<string, object?>,
        "iterable" => value is string or List<object?> or Dictionary<string, object?> or Undefined,
        "number" => value is long or bool,
        "integer" => value is long,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "odd" => TemplateValues.Number(value, "odd") % 2 != 0,
        "even" => TemplateValues.Number(value, "even") % 2 == 0,
        "eq" or "equalto" or "sameas" => _values.AreEqual(value, argument),
        _ => throw TemplateError.While($"uses the test 'is {name}', which is not implemented"),
    };

    public object? Method(string name, object? of, List<object?> arguments)
    {
        switch (of, name, arguments.Count)
        {
            case (string s, "strip", 0 or 1): return Strip(s, arguments, left: true, right: true);
            case (string s, "lstrip", 0 or 1): return Strip(s, arguments, left: true, right: false);
            case (string s, "rstrip", 0 or 1): return Strip(s, arguments, left: false, right: true);
            case (string s, "startswith", 1): return s.StartsWith(Read(arguments[0], "startswith"), StringComparison.Ordinal);
            case (string s, "endswith", 1): return s.EndsWith(Read(arguments[0], "endswith"), StringComparison.Ordinal);
            case (string s, "upper", 0): return Made(s).ToUpperInvariant();
            case (string s, "lower", 0): return Made(s).ToLowerInvariant();
            case (string s, "capitalize", 0): return Capitalize(s);
            case (string s, "replace", 2): return Replace(s, arguments);
            case (string s, "split", 0):
                budget.Items(s.Length / 2);
                return s.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Cast<object?>().ToList();
            case (string s, "split", 1) when Read(arguments[0], "split") is { Length: > 0 } by: return Split(s, by);
            case (Dictionary<string, object?> d, "get", 1 or 2):
                return d.TryGetValue(Read(arguments[0], "get"), out var value) ? value : arguments.Count > 1 ? arguments[1] : null;
            case (Dictionary<string, object?> d, "items", 0): return Pairs(d);
            case (Dictionary<string, object?> d, "keys", 0): return _values.Items(d);
            case (Dictionary<string, object?> d, "values", 0):
                budget.Items(d.Count);
                return d.Values.ToList();
            default: throw TemplateError.While($"calls '{name}' with {arguments.Count} arguments on {TemplateValues.Kind(of)}, which is not implemented");
        }
    }

    private static string ToText(object? value) => TemplateValues.ToText(value);

    private string Read(object? value, string where)
    {
        var text = TemplateValues.Text(value, where);
        budget.Read(text.Length);
        return text;
    }

    /// <summary>Counts a text that is made from the given one, of the same length.</summary>
    private string Made(string text)
    {
        budget.Make(text.Length);
        return text;
    }

    private List<object?> Copy(object? value)
    {
        var items = _values.Items(value);
        budget.Items(items.Count);
        return [.. items];
    }

    /// <summary>Removes white space, or the characters of the first argument, from the ends of a text.</summary>
    private string Strip(string text, List<object?> arguments, bool left, bool right)
    {
        budget.Make(text.Length);
        HashSet<char>? set = arguments is [not null, ..] ? [.. Read(arguments[0], "strip")] : null;
        var (start, end) = (0, text.Length);
        while (left && start < end && Strips(text[start])) start++;
        while (right && start < end && Strips(text[end - 1])) end--;
        return text[start..end];

        bool Strips(char c) => set?.Contains(c) ?? char.IsWhiteSpace(c);
    }

    private string Join(List<object?> items, string separator)
    {
        var text = new StringBuilder();
        for (var i = 0; i < items.Count; i++)
        {
            var part = ToText(items[i]);
            budget.Make((long)part.Length + separator.Length);
            text.Append(i == 0 ? "" : separator).Append(part);
        }
        return text.ToString();
    }

    private List<object?> Split(string text, string by)
    {
        budget.Make(text.Length);
        var search = new TextSearch(by);
        var parts = new List<object?>();
        for (var done = 0; ;)
        {
            budget.Items(1);
            var at = search.Find(text, done);
            parts.Add(text[done..(at < 0 ? text.Length : at)]);
            if (at < 0) return parts;
            done = at + by.Length;
        }
    }

    private string Replace(string text, List<object?> arguments)
    {
        var (old, with) = (Read(arguments[0], "replace"), Read(arguments[1], "replace"));
        if (old.Length == 0) throw TemplateError.While("replaces an empty text");
        budget.Make(text.Length);
        var search = new TextSearch(old);
        StringBuilder? result = null;
        var done = 0;
        for (int at; (at = search.Find(text, done)) >= 0; done = at + old.Length)
        {
            budget.Make(with.Length);
            (result ??= new()).Append(text, done, at - done).Append(with);
        }
        return result?.Append(text, done, text.Length - done).ToString() ?? text;
    }

    /// <summary>Reads a number as Python's int() does and, if that fails, float(). Returns null for anything else.</summary>
    private long? Whole(string? text)
    {
        if (text is null) return null;
        budget.Read(text.Length);
        var digits = text.Trim();
        if (IsWhole(digits.AsSpan(digits is ['+' or '-', ..] ? 1 : 0)))
        {
            digits = digits.Replace("_", "", StringComparison.Ordinal);
            return long.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) ? whole : throw TooLarge();
        }
        const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        if (!double.TryParse(digits, style, CultureInfo.InvariantCulture, out var value) || !double.IsFinite(value)) return null;
        return Math.Abs(value) < long.MaxValue ? (long)value : throw TooLarge();

        // An underscore may separate two digits.
        static bool IsWhole(ReadOnlySpan<char> digits)
        {
            if (digits.IsEmpty) return false;
            for (var i = 0; i < digits.Length; i++)
                if (!char.IsAsciiDigit(digits[i]) && (digits[i] != '_' || i == 0 || i == digits.Length - 1 || digits[i - 1] == '_')) return false;
            return true;
        }

        static SkTuningException TooLarge() => TemplateError.While("computes a number of more than 64 bits");
    }

    private List<object?> Pairs(Dictionary<string, object?> of)
    {
        budget.Spend(1 + (long)of.Count * TemplateBudget.Entry);
        return [.. of.Select(object? (p) => new List<object?> { p.Key, p.Value })];
    }

    private string Capitalize(string text) => Made(text).Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();
}
