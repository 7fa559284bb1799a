using System.Globalization;

namespace SkTuning.Tokenizers.Chat;

/// <summary>The value of a name that is not defined. It is written as nothing, is not true, and has no entries.</summary>
internal sealed record Undefined(string Name)
{
    public static Undefined Of(string name) => new(name);
}

/// <summary>A dictionary whose entries a template can set.</summary>
internal sealed class Namespace() : Dictionary<string, object?>(StringComparer.Ordinal);

/// <summary>Operations on the values of templates (null, bool, long, string, lists and dictionaries), by Python's rules.</summary>
internal static class TemplateValues
{
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool b => b,
        long n => n != 0,
        string s => s.Length > 0,
        List<object?> l => l.Count > 0,
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

    public static List<object?> Items(object? value) => value switch
    {
        List<object?> l => l,
        Dictionary<string, object?> d => [.. d.Keys],
        string s => [.. s.EnumerateRunes().Select(r => r.ToString())],
        Undefined => [],
        _ => throw TemplateError.While($"iterates over {Kind(value)}, which has no items"),
    };

    public static new bool Equals(object? a, object? b) => (a, b) switch
    {
        (bool x, long y) => (x ? 1 : 0) == y,
        (long x, bool y) => x == (y ? 1 : 0),
        (List<object?> x, List<object?> y) => x.Count == y.Count && x.Zip(y).All(p => Equals(p.First, p.Second)),
        (Dictionary<string, object?> x, Dictionary<string, object?> y)
            => x.Count == y.Count && x.All(p => y.TryGetValue(p.Key, out var v) && Equals(p.Value, v)),
        (Undefined, Undefined) => true,
        _ => object.Equals(a, b),
    };

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
}
