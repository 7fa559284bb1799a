using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using SkTuning.Fuzz.Running;

namespace SkTuning.Fuzz.Mutation;

/// <summary>Damages the content of a JSON file and leaves it JSON: values of another kind or size, keys removed, repeated, moved or nested.</summary>
internal class JsonMutator : Mutator
{
    /// <summary>Marks a value or a key that no JSON library writes; the text replaces it at the end.</summary>
    private const string ValueMark = "\uE000value", KeyMark = "\uE000twice";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly IReadOnlyList<string> Values =
    [
        .. TextMutator.Numbers.Where(n => n.All(c => char.IsAsciiDigit(c) || c is '-' or '.' or 'e')
            && !n.StartsWith('.') && !n.EndsWith('.') && n is not ("00" or "1e")),
        "null", "true", "false", "\"\"", "\"\\u0000\"", "\"\\uD800\"", "\"NaN\"", "\"-1\"", "\"../../x\"", "\"/etc/passwd\"", "\"\uFEFF\"",
        "[]", "[null]", "[[]]", "[-1]", "[0,1,2]", "[\"\"]", "{}", "{\"\":null}", "{\"type\":\"x\"}", "\"\\n\"", "\"a\\u2028b\"",
        Nested('[', ']', 10_000), Nested('[', ']', 70), "{\"a\":".Repeat(10_000) + "0" + "}".Repeat(10_000), "\"" + new string('x', 200_000) + "\"",
        "[" + string.Join(',', Enumerable.Range(0, 20_000)) + "]", "NaN", "Infinity", "-Infinity",
    ];

    public static JsonMutator Instance { get; } = new();

    public override byte[] Damage(byte[] content, Random64 random, List<string> log)
    {
        JsonNode root;
        try { root = JsonNode.Parse(content) ?? throw new JsonException(); }
        catch (Exception e) when (e is JsonException or ArgumentException) { return TextMutator.Instance.Damage(content, random, log); }
        try { root = Change(root, random, log); }
        catch (ArgumentException) { return TextMutator.Instance.Damage(content, random, log); }     // a key that already occurs twice
        return Encoding.UTF8.GetBytes(Written(root));
    }

    protected virtual JsonNode Change(JsonNode root, Random64 random, List<string> log)
    {
        var (parent, place) = Choose(root, random);
        if (parent is null)
        {
            log.Add("the whole file replaced by another value");
            return JsonValue.Create(ValueMark + random.Next(Values.Count));
        }
        var node = Get(parent, place);
        var path = node?.GetPath() ?? parent.GetPath() + "." + place;
        switch (random.Next(12))
        {
            case 0:
                Remove(parent, place);
                log.Add($"{path} removed");
                break;
            case 1 when parent is JsonObject o:
                o[KeyMark + place] = random.OneIn(2) ? node?.DeepClone() : JsonValue.Create(ValueMark + random.Next(Values.Count));
                log.Add($"{path} occurs twice");
                break;
            case 1 or 2 when parent is JsonArray a:
                var times = random.Pick([1, 1, 5, 20, 1000]);
                for (var i = 0; i < times; i++) a.Insert((int)place, node?.DeepClone());
                log.Add($"{path} repeated {times} times");
                break;
            case 3:
                var (otherParent, otherPlace) = Choose(root, random);
                if (otherParent is null) break;
                var other = Get(otherParent, otherPlace)?.DeepClone();
                Set(parent, place, other);
                log.Add($"{path} replaced by a copy of {otherParent.GetPath()}.{otherPlace}");
                break;
            case 4:
                Set(parent, place, random.OneIn(2) ? new JsonArray(node?.DeepClone()) : new JsonObject { [place.ToString()!] = node?.DeepClone() });
                log.Add($"{path} wrapped");
                break;
            case 5 when node is JsonValue value && value.GetValueKind() == JsonValueKind.Number && value.TryGetValue<double>(out var number):
                double[] near = [number + 1, number - 1, -number, number * 2, number / 2, number * 1000];
                var with = random.Pick(near);
                if (!double.IsFinite(with)) goto default;
                Set(parent, place, with == Math.Floor(with) && Math.Abs(with) < 1e15 ? JsonValue.Create((long)with) : JsonValue.Create(with));
                log.Add($"{path} changed to {Get(parent, place)!.ToJsonString()}");
                break;
            case 5 or 6 when node is JsonValue text && text.TryGetValue<string>(out var s):
                var at = random.Next(s.Length + 1);
                Set(parent, place, random.Next(4) switch
                {
                    0 => s[..at],
                    1 => s.Insert(at, random.Pick(["\0", "\u00A0", "\u2028", "\uFEFF", "\n", "\t", "{", "%", "/", "\u00DF", "\U0001F600", " "])),
                    2 => s + s,
                    _ => new string([.. s.Reverse()]),
                });
                log.Add($"{path}: the text changed");
                break;
            default:
                var index = random.Next(Values.Count);
                Set(parent, place, JsonValue.Create(ValueMark + index));
                log.Add($"{path} set to {(Values[index].Length > 40 ? Values[index][..40] + "..." : Values[index])}");
                break;
        }
        return root;
    }

    /// <summary>Walks down from the root, so that settings are chosen as often as the entries of a long vocabulary.</summary>
    protected static (JsonNode? Parent, object Place) Choose(JsonNode root, Random64 random)
    {
        (JsonNode? Parent, object Place) chosen = (null, 0);
        var at = root;
        while (at is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            if (chosen.Parent is not null && random.OneIn(5)) break;
            if (chosen.Parent is null && random.OneIn(100)) break;
            object place = at is JsonObject o ? o.ElementAt(random.Next(o.Count)).Key : random.Next(((JsonArray)at).Count);
            chosen = (at, place);
            at = Get(at, place)!;
        }
        return chosen;
    }

    private static JsonNode? Get(JsonNode parent, object place) => parent is JsonObject o ? o[(string)place] : ((JsonArray)parent)[(int)place];

    private static void Set(JsonNode parent, object place, JsonNode? value)
    {
        if (parent is JsonObject o) o[(string)place] = value;
        else ((JsonArray)parent)[(int)place] = value;
    }

    private static void Remove(JsonNode parent, object place)
    {
        if (parent is JsonObject o) o.Remove((string)place);
        else ((JsonArray)parent).RemoveAt((int)place);
    }

    private static string Written(JsonNode root)
    {
        var text = root.ToJsonString(Plain);
        var mark = JsonSerializer.Serialize(ValueMark, Plain)[1..^1];
        for (int at; (at = text.IndexOf('"' + mark, StringComparison.Ordinal)) >= 0;)
        {
            var end = text.IndexOf('"', at + 1);
            var value = Values[int.Parse(text.AsSpan(at + 1 + mark.Length, end - at - 1 - mark.Length), System.Globalization.CultureInfo.InvariantCulture)];
            text = string.Concat(text.AsSpan(0, at), value, text.AsSpan(end + 1));
        }
        return text.Replace(JsonSerializer.Serialize(KeyMark, Plain)[1..^1], "", StringComparison.Ordinal);
    }

    private static string Nested(char open, char close, int depth) => new string(open, depth) + new string(close, depth);
}

internal static class Repeated
{
    public static string Repeat(this string text, int times) => string.Concat(Enumerable.Repeat(text, times));
}
