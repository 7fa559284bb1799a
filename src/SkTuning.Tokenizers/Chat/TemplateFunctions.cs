using System.Globalization;

namespace SkTuning.Tokenizers.Chat;

/// <summary>The filters, tests and methods that chat templates use.</summary>
internal static class TemplateFunctions
{
    public static object? Filter(string name, object? value, List<object?> arguments)
    {
        switch (name)
        {
            case "trim": return TemplateValues.ToText(value).Trim();
            case "length" or "count":
                return value switch
                {
                    string s => s.EnumerateRunes().LongCount(),
                    Dictionary<string, object?> d => (long)d.Count,
                    _ => (long)TemplateValues.Items(value).Count,
                };
            case "upper": return TemplateValues.ToText(value).ToUpperInvariant();
            case "lower": return TemplateValues.ToText(value).ToLowerInvariant();
            case "capitalize": return Capitalize(TemplateValues.ToText(value));
            case "first": return TemplateValues.Items(value) is [var first, ..] ? first : Undefined.Of("the first item");
            case "last": return TemplateValues.Items(value) is [.., var last] ? last : Undefined.Of("the last item");
            case "list": return TemplateValues.Items(value).ToList();
            case "reverse": return Enumerable.Reverse(TemplateValues.Items(value)).ToList();
            case "join":
                var separator = arguments.Count > 0 ? TemplateValues.ToText(arguments[0]) : "";
                return string.Join(separator, TemplateValues.Items(value).Select(TemplateValues.ToText));
            case "string": return TemplateValues.ToText(value);
            case "safe": return value;
            case "default" or "d":
                var replaces = value is Undefined || (arguments.Count > 1 && TemplateValues.IsTrue(arguments[1]) && !TemplateValues.IsTrue(value));
                return !replaces ? value : arguments.Count > 0 ? arguments[0] : "";
            case "replace" when arguments.Count == 2: return Replace(TemplateValues.ToText(value), arguments);
            case "int" when value is long or bool: return TemplateValues.Number(value, "int");
            case "int": return long.TryParse(value as string, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var n) ? n : 0L;
            case "items" when value is Dictionary<string, object?> pairs: return Pairs(pairs);
            default: throw TemplateError.While($"uses the filter '{name}', which is not implemented");
        }
    }

    public static bool Test(string name, object? value, object? argument) => name switch
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
        "eq" or "equalto" or "sameas" => TemplateValues.Equals(value, argument),
        _ => throw TemplateError.While($"uses the test 'is {name}', which is not implemented"),
    };

    public static object? Method(string name, object? of, List<object?> arguments)
    {
        switch (of, name, arguments.Count)
        {
            case (string s, "strip", 0): return s.Trim();
            case (string s, "lstrip", 0): return s.TrimStart();
            case (string s, "rstrip", 0): return s.TrimEnd();
            case (string s, "strip", 1): return s.Trim(Set(arguments));
            case (string s, "lstrip", 1): return s.TrimStart(Set(arguments));
            case (string s, "rstrip", 1): return s.TrimEnd(Set(arguments));
            case (string s, "startswith", 1): return s.StartsWith(TemplateValues.Text(arguments[0], "startswith"), StringComparison.Ordinal);
            case (string s, "endswith", 1): return s.EndsWith(TemplateValues.Text(arguments[0], "endswith"), StringComparison.Ordinal);
            case (string s, "upper", 0): return s.ToUpperInvariant();
            case (string s, "lower", 0): return s.ToLowerInvariant();
            case (string s, "capitalize", 0): return Capitalize(s);
            case (string s, "replace", 2): return Replace(s, arguments);
            case (string s, "split", 0): return s.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Cast<object?>().ToList();
            case (string s, "split", 1) when TemplateValues.Text(arguments[0], "split") is { Length: > 0 } by:
                return s.Split(by).Cast<object?>().ToList();
            case (Dictionary<string, object?> d, "get", 1 or 2):
                return d.TryGetValue(TemplateValues.Text(arguments[0], "get"), out var value) ? value : arguments.Count > 1 ? arguments[1] : null;
            case (Dictionary<string, object?> d, "items", 0): return Pairs(d);
            case (Dictionary<string, object?> d, "keys", 0): return d.Keys.Cast<object?>().ToList();
            case (Dictionary<string, object?> d, "values", 0): return d.Values.ToList();
            default: throw TemplateError.While($"calls '{name}' with {arguments.Count} arguments on {TemplateValues.Kind(of)}, which is not implemented");
        }
    }

    private static char[] Set(List<object?> arguments) => TemplateValues.Text(arguments[0], "strip").ToCharArray();

    private static string Replace(string text, List<object?> arguments)
        => TemplateValues.Text(arguments[0], "replace") is { Length: > 0 } old
            ? text.Replace(old, TemplateValues.Text(arguments[1], "replace"), StringComparison.Ordinal)
            : throw TemplateError.While("replaces an empty text");

    private static List<object?> Pairs(Dictionary<string, object?> of) => [.. of.Select(object? (p) => new List<object?> { p.Key, p.Value })];

    private static string Capitalize(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..].ToLowerInvariant();
}
