using System.Text.Json;

namespace SkTuning.Models;

/// <summary>A model's <c>config.json</c>, or an object inside it. Every error names file, key, found and expected value.</summary>
internal sealed class ConfigJson
{
    /// <summary>Configs are a few kilobytes; those with long lists of tokens or labels, a few megabytes.</summary>
    private const long MaxBytes = 64 << 20;

    private readonly JsonElement _root;
    private readonly string _path;

    /// <summary>No model multiplies by more than the root of its size.</summary>
    public const float LargestFactor = 1e6f;

    public const string FactorsAllowed = "a number above 0, at most 1000000";

    private ConfigJson(string file, JsonElement root, string path) => (File, _root, _path) = (file, root, path);

    /// <summary>The path of the file, for messages.</summary>
    public string File { get; }

    /// <summary>The original text of the object.</summary>
    public string Raw => _root.GetRawText();

    public static ConfigJson Load(string file) => Parse(file, InputFile.ReadAllBytes(file, MaxBytes));

    public static ConfigJson Parse(string file, ReadOnlyMemory<byte> utf8)
    {
        try
        {
            var options = new JsonDocumentOptions { MaxDepth = 32, CommentHandling = JsonCommentHandling.Skip };
            using var json = JsonDocument.Parse(PythonNumbers.Plain(WithoutMark(utf8)), options);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw SkTuningException.BadFile(file, null, $"a JSON {json.RootElement.ValueKind}", "a JSON object");
            return new(file, json.RootElement.Clone(), "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw SkTuningException.BadFile(file, null, "invalid JSON", "a model's config", "The file is damaged: download it again.", e);
        }
    }

    private static ReadOnlyMemory<byte> WithoutMark(ReadOnlyMemory<byte> utf8) => utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    /// <summary>True if the object has no keys.</summary>
    public bool IsEmpty => _root.GetPropertyCount() == 0;

    /// <summary>Returns whether the key exists and is not null.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>Returns whether the key exists, even with null: in transformers, null is a value, whereas a missing key means the family's default.</summary>
    public bool Writes(string key) => _root.TryGetProperty(key, out _);

    public int Int(string key, int? orElse = null) => Number(key, orElse, int.MinValue, int.MaxValue);

    /// <summary>Reads a size, from 1 to a billion.</summary>
    public int Size(string key, int? orElse = null) => Number(key, orElse, 1, 1_000_000_000);

    /// <summary>Reads a size that has several names: the first one that exists.</summary>
    public int Size(string[] keys, int? orElse = null) => Size(keys.FirstOrDefault(Has) ?? keys[0], orElse);

    /// <summary>Reads a number of layers, from 1 to 1000: lists of that length are made while the config is read.</summary>
    public int Layers(string key, int? orElse = null) => Number(key, orElse, 1, 1000);

    /// <summary>Reads a number of layers that has several names: the first one that exists.</summary>
    public int Layers(string[] keys, int? orElse = null) => Layers(keys.FirstOrDefault(Has) ?? keys[0], orElse);

    /// <summary>Reads a norm's epsilon, from 0 to below 1: with a negative one the root of a small variance is not a number.</summary>
    public float Epsilon(string key, float orElse)
        => Float(key, orElse) is >= 0 and < 1 and var epsilon ? epsilon : throw Bad(key, Find(key)!.Value, "a number from 0 to below 1");

    /// <summary>Reads a factor on values of the forward pass. At 0 or less, nothing of these values would be left, or they would change their sign.</summary>
    public float Factor(string key, float orElse)
        => Float(key, orElse) is > 0 and <= LargestFactor and var factor ? factor : throw Bad(key, Find(key)!.Value, FactorsAllowed);

    public float Float(string key, float? orElse = null)
    {
        var number = (float)Double(key, orElse);
        return float.IsFinite(number) ? number : throw Bad(key, Find(key)!.Value, "a finite fp32 number");
    }

    public double Double(string key, double? orElse = null)
    {
        if (Find(key) is not { } value) return orElse ?? throw Missing(key, "a number");
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var number) && double.IsFinite(number)) return number;
        throw Bad(key, value, "a number");
    }

    public bool Bool(string key, bool? orElse = null)
    {
        if (Find(key) is not { } value) return orElse ?? throw Missing(key, "true or false");
        return value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => throw Bad(key, value, "true or false") };
    }

    public string Text(string key, string? orElse = null)
    {
        if (Find(key) is not { } value) return orElse ?? throw Missing(key, "a text");
        return TextOf(value) ?? throw Bad(key, value, "a text");
    }

    /// <summary>Returns an object inside, or null if it does not exist.</summary>
    public ConfigJson? Inner(string key)
    {
        if (Find(key) is not { } value) return null;
        return value.ValueKind == JsonValueKind.Object ? new(File, value, _path + key + ".") : throw Bad(key, value, "an object");
    }

    public double[]? Doubles(string key)
        => List<double>(key, "a list of numbers", v => v.ValueKind == JsonValueKind.Number && v.TryGetDouble(out var n) && double.IsFinite(n) ? n : null);

    public int[]? Ints(string key)
        => List<int>(key, "a list of whole numbers", v => v.ValueKind == JsonValueKind.Number && v.TryGetInt32(out var n) ? n : null);

    public string[]? Texts(string key)
    {
        if (Find(key) is not { } list) return null;
        if (list.ValueKind != JsonValueKind.Array) throw Bad(key, list, "a list of texts");
        return [.. list.EnumerateArray().Select(v => TextOf(v) ?? throw Bad(key, list, "a list of texts"))];
    }

    /// <summary>Returns the element of a key, for values with a special structure, or null if it does not exist.</summary>
    public JsonElement? Find(string key) => _root.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>
    /// Returns the text of an element, or null if it is not a string or has bytes or escapes that are not valid text, which the JSON parser accepts.
    /// </summary>
    public static string? TextOf(JsonElement value)
    {
        try { return value.ValueKind == JsonValueKind.String ? value.GetString() : null; }
        catch (InvalidOperationException) { return null; }
    }

    /// <summary>Returns the exception for a setting that is refused.</summary>
    public SkTuningException Refused(string key, string found, string expected, string? advice = null)
        => SkTuningException.BadFile(File, _path + key, found, expected, advice);

    /// <summary>Refuses any value of a setting except the one that is implemented.</summary>
    public void Only<T>(string key, T found, T implemented)
    {
        if (!EqualityComparer<T>.Default.Equals(found, implemented)) throw Refused(key, $"{found}", $"{implemented}", "Other values are not implemented.");
    }

    private int Number(string key, int? orElse, int min, int max)
    {
        if (Find(key) is not { } value) return orElse ?? throw Missing(key, "a whole number");
        if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var d) && d == Math.Floor(d) && d >= min && d <= max) return (int)d;
        throw Bad(key, value, min == 1 ? $"a whole number from 1 to {max}" : "a whole number");
    }

    private T[]? List<T>(string key, string expected, Func<JsonElement, T?> read) where T : struct
    {
        if (Find(key) is not { } list) return null;
        if (list.ValueKind != JsonValueKind.Array) throw Bad(key, list, expected);
        return [.. list.EnumerateArray().Select(v => read(v) ?? throw Bad(key, list, expected))];
    }

    private SkTuningException Missing(string key, string expected)
        => SkTuningException.BadFile(File, _path + key, "missing", expected, "The file belongs to another model or is incomplete.");

    private SkTuningException Bad(string key, JsonElement value, string expected)
    {
        var text = System.Text.Encoding.UTF8.GetString(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(value)).ReplaceLineEndings(" ");
        text = PythonNumbers.AsWritten(text);
        return SkTuningException.BadFile(File, _path + key, text.Length > 60 ? text[..60] + "…" : text, expected);
    }
}
