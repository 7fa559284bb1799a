using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Mutation;

/// <summary>Damages the chat template of a tokenizer_config.json by the grammar of templates: the result can usually be parsed, and then runs.</summary>
internal sealed class TemplateMutator : Mutator
{
    private const string Key = "chat_template";

    private static readonly string[] Atoms =
    [
        "0", "1", "-1", "2", "3000", "2147483647", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "1e308", "0.5", "true",
        "none", "''", "'a'", "'\\u0000'", "x", "ns", "ns.x", "messages", "message", "messages[0]", "messages[0].content", "messages[0]['role']", "loop",
        "loop.index", "loop.last", "bos_token", "eos_token", "add_generation_prompt", "missing", "[]", "[1, 2, 3]", "{}", "{'a': 1}", "range(3)",
        "range(2147483647)",
        "range(-9223372036854775808, 9223372036854775807)", "range(0, 9223372036854775807, 2)", "range(1, 0, -1)", "namespace(x=1)",
        "'a' * 3", "raise_exception('no')",
    ];

    private static readonly string[] Filters =
    [
        "length", "upper", "lower", "trim", "list", "first", "last", "reverse", "string", "int", "float", "abs", "join('ab')", "replace('a', 'aaaaaaaaaa')",
        "replace('', 'ab')", "default('d')", "tojson", "tojson(indent=2147483647)", "indent(100000)", "capitalize", "title", "unique", "sort", "sum", "max",
        "min", "items", "dictsort", "map('upper')", "selectattr('role')",
        "batch(2)", "round", "safe", "e", "count", "wordcount", "center(1000000000)", "format(1)",
    ];

    private static readonly string[] Methods =
    [
        ".strip()", ".split('a')", ".split('')", ".upper()", ".replace('a', 'aaaa')", ".replace('', 'xx')", ".startswith('a')", ".items()", ".get('a')",
        ".keys()",
        ".join(messages)", ".find('a')", ".title()", ".rstrip('\\n')", "[0]", "[-1]", "[::-1]", "[::0]", "[1:]", "[:9223372036854775807:9223372036854775807]",
        "[-9223372036854775808:]", "['a']", ".x", ".content",
    ];

    private static readonly string[] Operators =
        [" + ", " - ", " * ", " / ", " // ", " % ", " ** ", " ~ ", " and ", " or ", " == ", " != ", " < ", " >= ", " in ", " not in ", " if x else "];

    private static readonly string[] Tests =
        ["defined", "none", "string", "mapping", "iterable", "number", "odd", "true", "not defined", "divisibleby(0)"];

    public static TemplateMutator Instance { get; } = new();

    public override byte[] Damage(byte[] content, Random64 random, List<string> log)
    {
        JsonObject? root;
        try { root = JsonNode.Parse(content) as JsonObject; }
        catch (JsonException) { root = null; }
        if (root is null || root[Key] is not JsonValue value || !value.TryGetValue<string>(out var template))
            return JsonMutator.Instance.Damage(content, random, log);
        root[Key] = Change(template, random, log);
        return Encoding.UTF8.GetBytes(root.ToJsonString());
    }

    private static string Change(string template, Random64 random, List<string> log)
    {
        var depth = random.Pick([3, 30, 300, 10_000]);
        var (at, kind) = (Boundary(template, random), random.Next(12));
        log.Add(string.Create(CultureInfo.InvariantCulture, $"template: change {kind}, depth {depth}"));
        switch (kind)
        {
            case 0: return template.Insert(at, "{{ " + "(".Repeat(depth) + Expression(random, 1) + ")".Repeat(depth) + " }}");
            case 1: return template.Insert(at, "{{ " + string.Join(random.Pick(Operators), Enumerable.Repeat(random.Pick(Atoms), depth)) + " }}");
            case 2: return template.Insert(at, "{{ " + "not ".Repeat(depth) + "x }}{{ " + random.Pick(["-", "[", "{'a':"]).Repeat(depth) + " }}");
            case 3:
                var (open, close) = random.Pick<(string, string)>(
                    [("{% if true %}", "{% endif %}"), ("{% for a in range(9) %}", "{% endfor %}"), ("{% set x %}", "{% endset %}")]);
                return template.Insert(at, open.Repeat(depth) + "a" + close.Repeat(random.OneIn(4) ? depth - 1 : depth));
            case 4: return template.Insert(at, "{{ " + random.Pick(Atoms) + random.Pick([.. Methods, .. Filters.Select(f => "|" + f)]).Repeat(depth) + " }}");
            case 5:
                var grow = random.Pick(["x + x", "[x, x]", "x ~ x", "{'a': x, 'b': x}", "x * 2", "x|replace('a', 'aa')", "x|join(x)", "x|tojson"]);
                return template.Insert(at, $"{{% set ns = namespace(x={random.Pick(["'a'", "['a']", "1", "messages"])}) %}}{{% for i in range({depth}) %}}"
                    + $"{{% set ns.x = {grow.Replace("x", "ns.x", StringComparison.Ordinal)} %}}{{% endfor %}}{{{{ ns.x }}}}");
            case 6:
                return template.Insert(at, $"{{% for i in range({depth}) if {Expression(random, 3)} %}}"
                    + $"{{% for j in {Expression(random, 2)} %}}{{{{ {Expression(random, 2)} }}}}{{% endfor %}}{{% endfor %}}");
            case 7:
                return template.Insert(at, random.Pick(
                    ["{{", "{%", "{#", "}}", "%}", "#}", "-%}", "{{-", "{% endif %}", "{% else %}", "{% break %}", "{% raw %}", "'", "\\", "{{ '"]));
            case 8:
                var from = random.Next(template.Length + 1);
                var length = Math.Min(random.Next(40), template.Length - from);
                return random.Next(3) switch
                {
                    0 => template.Remove(from, length),
                    1 => template.Insert(at, template.Substring(from, length)),
                    _ => template.Insert(from + length, template.Substring(from, length).Repeat(depth / 3)),
                };
            case 9: return TextNumber(template, random);
            case 10: return template.Insert(at, $"{{% set x = {Expression(random, 4)} %}}{{{{ x }}}}");
            default: return template.Insert(at, $"{{{{ {Expression(random, 5)} }}}}");
        }
    }

    /// <summary>A random expression of the grammar.</summary>
    private static string Expression(Random64 random, int depth)
    {
        if (depth == 0) return random.Pick(Atoms);
        return random.Next(9) switch
        {
            0 or 1 => Expression(random, depth - 1) + random.Pick(Operators) + Expression(random, depth - 1),
            2 => $"({Expression(random, depth - 1)})" + random.Pick(Methods),
            3 => $"({Expression(random, depth - 1)})|{random.Pick(Filters)}",
            4 => $"[{Expression(random, depth - 1)}, {Expression(random, depth - 1)}]",
            5 => $"{{'k': {Expression(random, depth - 1)}}}",
            6 => $"({Expression(random, depth - 1)})[{Expression(random, depth - 1)}:{Expression(random, depth - 1)}]",
            7 => $"({Expression(random, depth - 1)}) is {random.Pick(Tests)}",
            _ => $"range({Expression(random, depth - 1)}, {Expression(random, depth - 1)})",
        };
    }

    /// <summary>Returns a place between two parts of the template.</summary>
    private static int Boundary(string template, Random64 random)
    {
        var places = Enumerable.Range(0, template.Length + 1)
            .Where(i => i == 0 || i == template.Length || template[i] == '{' && template[i - 1] != '{').ToList();
        return random.Pick(places);
    }

    private static string TextNumber(string template, Random64 random)
        => Encoding.UTF8.GetString(TextMutator.Instance.Damage(Encoding.UTF8.GetBytes(template), random, []));
}
