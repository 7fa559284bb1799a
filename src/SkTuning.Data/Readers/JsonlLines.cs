using System.Text.Json;

namespace SkTuning.Data;

/// <summary>The lines of a file as JSON objects, and the error messages for lines that are not objects or lack a key.</summary>
internal sealed class JsonlLines(string path) : IDisposable
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    private readonly Utf8Lines _lines = new(path);

    public long Number => _lines.Number;

    public string Content => _lines.LossyText();

    /// <summary>Moves to the next line that is not blank.</summary>
    public bool Next()
    {
        do if (!_lines.Next()) return false; while (_lines.IsBlank);
        return true;
    }

    /// <summary>Returns what <paramref name="read"/> returns for the object on the line.</summary>
    public T Read<T>(string example, Func<JsonElement, T> read)
    {
        var line = _lines.Text();
        try
        {
            using var document = JsonDocument.Parse(line, Strict);
            var record = document.RootElement;
            return record.ValueKind == JsonValueKind.Object
                ? read(record)
                : throw Bad(Kind(record), $"an object such as {example}", "Write one object per line.");
        }
        catch (JsonException e)
        {
            throw Bad($"not valid JSON ({e.Message.ReplaceLineEndings(" ")})", "one object", "Write one object per line.", e);
        }
        catch (InvalidOperationException e)
        {
            // The reader checks escapes only when a string is requested: an unpaired surrogate is not text.
            throw Bad("a string with an invalid escape", "Unicode text", cause: e);
        }
    }

    /// <summary>Returns the string under a key.</summary>
    public string Text(JsonElement record, string key, string? option)
    {
        var value = Get(record, key, option);
        return value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Bad($"a row whose '{key}' is {Kind(value)}", "a string");
    }

    /// <summary>Returns the string under a key that can be missing or null.</summary>
    public string? OptionalText(JsonElement record, string key, string? option)
        => record.TryGetProperty(key, out var value) && value.ValueKind != JsonValueKind.Null ? Text(record, key, option) : null;

    /// <summary>Returns the value under a required key.</summary>
    /// <param name="record">The object.</param>
    /// <param name="key">The key.</param>
    /// <param name="option">The option that names another key, for the error message; null if there is none.</param>
    public JsonElement Get(JsonElement record, string key, string? option) => record.TryGetProperty(key, out var value)
        ? value
        : throw Bad($"a row without '{key}'", "this key in every row", option is null ? null : $"Name another key with the option {option}.");

    /// <summary>Returns a label: a string as written, true, false, or the name of a number.</summary>
    public string Label(JsonElement value, string key) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => NumberName.Of(value.GetRawText()) ?? throw Bad($"a row whose '{key}' is {value.GetRawText()}", "a finite number"),
        _ => throw Bad($"a row whose '{key}' is {Kind(value)}", "a string, a number, or a boolean"),
    };

    /// <summary>Returns the labels of an array.</summary>
    public List<string> Labels(JsonElement array, string key)
    {
        if (array.ValueKind != JsonValueKind.Array) throw Bad($"a row whose '{key}' is {Kind(array)}", "an array");
        return array.EnumerateArray().Select(v => v.ValueKind is JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array
            ? throw Bad($"a row whose '{key}' contains {Kind(v)}", "strings, numbers, or booleans")
            : Label(v, key)).ToList();
    }

    /// <summary>Returns the strings of an array; numbers as written.</summary>
    public List<string> Words(JsonElement array, string key)
    {
        if (array.ValueKind != JsonValueKind.Array) throw Bad($"a row whose '{key}' is {Kind(array)}", "an array");
        return array.EnumerateArray().Select(v => v.ValueKind switch
        {
            JsonValueKind.String => v.GetString()!,
            JsonValueKind.Number => v.GetRawText(),
            _ => throw Bad($"a row whose '{key}' contains {Kind(v)}", "strings or numbers"),
        }).ToList();
    }

    public SkTuningException Bad(string found, string expected, string? advice = null, Exception? cause = null)
        => SkTuningException.BadFile(path, $"line {Number}", found, expected, advice, cause);

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    public void Dispose() => _lines.Dispose();
}
