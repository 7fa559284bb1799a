using System.Text.Json;

namespace SkTuning.Tokenizers.Sources;

/// <summary>
/// Reads an object of a tokenizer file. The type of every entry is checked when it is read. Entries that were not read are rejected by <see cref="Done"/>,
/// because they could change the tokens.
/// </summary>
internal sealed class JsonPart
{
    private readonly JsonElement _element;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public JsonPart(string file, string path, JsonElement element)
    {
        (File, Path, _element) = (file, path, element);
        if (element.ValueKind != JsonValueKind.Object) throw Bad(null, Kind(element), "a JSON object");
    }

    public string File { get; }

    public string Path { get; }

    public bool Has(string key) => Find(key, out _);

    public JsonElement Value(string key) => Find(key, out var value) ? value : throw Bad(key, "missing", "an entry");

    public string String(string key, string? orElse = null)
    {
        if (!Find(key, out var value)) return orElse ?? throw Bad(key, "missing", "an entry");
        return value.ValueKind == JsonValueKind.String ? Text(key, value) : throw Bad(key, Kind(value), "a text");
    }

    public string? OptionalString(string key) => Has(key) ? String(key) : null;

    public bool Bool(string key, bool? orElse = null) => OptionalBool(key) ?? orElse ?? throw Bad(key, "missing", "true or false");

    public bool? OptionalBool(string key) => !Find(key, out var value) ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Bad(key, Kind(value), "true or false"),
    };

    public int Int(string key, int min, int max, int? orElse = null)
    {
        if (!Find(key, out var number)) return orElse ?? throw Bad(key, "missing", "an entry");
        return number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var n) && n >= min && n <= max
            ? n
            : throw Bad(key, Kind(number), $"a whole number from {min} to {max}");
    }

    public JsonPart Part(string key) => new(File, Join(key), Value(key));

    /// <summary>Returns the object of an entry that was enumerated, without searching for it.</summary>
    public JsonPart Part(JsonProperty entry) => new(File, Join(entry.Name), entry.Value);

    public JsonPart? OptionalPart(string key) => Has(key) ? Part(key) : null;

    /// <summary>Returns the elements of a list.</summary>
    public JsonElement.ArrayEnumerator Items(string key)
        => Value(key) is { ValueKind: JsonValueKind.Array } list ? list.EnumerateArray() : throw Bad(key, Kind(Value(key)), "a list");

    /// <summary>Returns the elements of a list of objects.</summary>
    public IEnumerable<JsonPart> Parts(string key) => Items(key).Select((item, i) => new JsonPart(File, $"{Join(key)}[{i}]", item));

    /// <summary>Returns the entries of this object.</summary>
    public IEnumerable<JsonProperty> Entries() => _element.EnumerateObject();

    /// <summary>Accepts entries without reading them, because they do not change the tokens.</summary>
    public JsonPart Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys) _known.Add(key);
        return this;
    }

    /// <summary>Throws an exception if there are entries that were not read.</summary>
    public void Done()
    {
        foreach (var entry in _element.EnumerateObject())
            if (!_known.Contains(entry.Name)) throw Bad(entry.Name, "a setting that is not implemented", "only implemented settings");
    }

    public SkTuningException Bad(string? key, string found, string expected, string? advice = null)
        => SkTuningException.BadFile(File, key is null ? Path.Length == 0 ? null : Path : Join(key), found, expected, advice);

    public SkTuningException NotImplemented(string key, string value)
        => Bad(key, $"'{value}', which is not implemented", "one of the values in docs/tokenizers.md");

    /// <summary>Describes a value, in a form that is short enough for a message.</summary>
    public static string Kind(JsonElement value)
    {
        if (value.ValueKind is JsonValueKind.Object or JsonValueKind.Array) return value.ValueKind == JsonValueKind.Object ? "an object" : "a list";
        var text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "...";
    }

    private bool Find(string key, out JsonElement value)
    {
        _known.Add(key);
        return _element.TryGetProperty(key, out value) && value.ValueKind != JsonValueKind.Null;
    }

    private string Text(string key, JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw SkTuningException.BadFile(File, Join(key), "a text with a lone surrogate", "well-formed text", null, e);
        }
    }

    private string Join(string key) => Path.Length == 0 ? key : $"{Path}.{key}";
}
